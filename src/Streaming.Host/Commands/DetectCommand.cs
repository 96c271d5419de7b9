using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary><c>driftd detect</c>: detectors over one column of a file, no broker.</summary>
internal static class DetectCommand
{
    public static Command Create()
    {
        var file = FileOptions.File("FILE", "The file to look at:");
        var column = FileOptions.Column();
        var detectors = new Option<string[]>("--detector")
        {
            Description = "A detector and its options; may stand there several times. Default adwin. `driftd detectors` lists all of them, "
                + "`driftd detectors NAME` what one can be told: options with unit, range and default.",
            HelpName = "SPEC",
            DefaultValueFactory = static _ => ["adwin"],
        };
        var profile = FileOptions.Profile();
        var warnings = new Option<bool>("--warnings") { Description = "Report entries into Warning too. Default: drifts only." };
        var (strict, output) = (FileOptions.Strict(), FileOptions.Output());
        var command = new Command("detect", FileOptions.WithExamples(
            "Runs drift detectors over one column of a file, row by row, and reports where they find a change. "
            + "index is the row (from 0, the header is none), changedAt the first row of what came after the change, before and after are the means. "
            + "What each detector expects, numbers in [0, 1] or 1 for wrong and 0 for right, is in `driftd detectors`.",
            "driftd detect errors.csv --column error",
            "driftd detect errors.csv.gz --column error --detector ddm --detector adwin:delta=0.01 --warnings --output table",
            "zcat events.jsonl.gz | driftd detect - --column latencyMs --detector page-hinkley:threshold=500,tolerance=5"))
        {
            file, column, detectors, profile, warnings, output, strict,
        };
        command.SetAction(parsed =>
        {
            var chosen = FileOptions.Choice<Profile>("--profile", parsed.GetRequiredValue(profile));
            var watches = Watches(parsed.GetRequiredValue(detectors), chosen);
            var console = parsed.InvocationConfiguration;
            using var opened = InputFile.Open(parsed.GetRequiredValue(file));
            var report = new DetectReport(
                console.Output, FileOptions.Choice<OutputForm>("--output", parsed.GetRequiredValue(output)), parsed.GetValue(warnings));
            var bad = new BadRows(opened.Name, console.Error, parsed.GetValue(strict));
            Run(opened, parsed.GetRequiredValue(column), watches, report, bad, console.Error);
            return CommandLine.Fine;
        });
        return command;
    }

    private static ColumnWatch[] Watches(string[] texts, Profile profile)
    {
        var specs = texts.Select(text => DetectorSpec.Parse(text, profile)).ToArray();

        // where a detector stands there twice, only what was written tells the two apart
        return [.. specs.Select(spec => new ColumnWatch(specs.Count(other => other.Name == spec.Name) > 1 ? spec.Text : spec.Name, spec))];
    }

    private static void Run(InputFile file, string column, ColumnWatch[] watches, DetectReport report, BadRows bad, TextWriter error)
    {
        var numbers = new NumberColumn(file, file.Rows(bad), column, bad);
        var (rows, outside) = (new RowNumbers(), 0L);
        FileProgress.While(file, $"detect {file.Name}", quiet: !Console.IsOutputRedirected, tick =>
        {
            while (numbers.Read(out var value))
            {
                rows.Add(numbers.Place.Row);
                outside += value is < 0 or > 1 ? 1 : 0;
                foreach (var watch in watches)
                {
                    watch.Update(value, column, rows, report);
                }

                tick();
            }
        });
        report.Complete();
        bad.Summarise();
        if (outside > 0 && watches.Any(static watch => watch.IsForShares))
        {
            error.WriteLine($"note: {outside} values lie outside [0, 1], for which the bounds of adwin and hddm are made; divide the column by its range");
        }

        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Name}: {rows.Count} values, {report.Drifts} drifts, {bad.Count} rows skipped"));
    }
}

/// <summary>One detector on the column.</summary>
internal sealed class ColumnWatch(string name, DetectorSpec spec)
{
    private readonly IDriftDetector _detector = spec.Options.Create();
    private readonly bool _onlyErrors = spec.Kind.Input == DetectorInput.Errors && spec.Options.Profile == Profile.Default;
    private DriftLevel _before = DriftLevel.Learning;

    /// <summary>Whether its bound is made for numbers from 0 to 1.</summary>
    public bool IsForShares => spec.Kind.Input == DetectorInput.Shares;

    /// <summary>Feeds the newest value, whose row <paramref name="rows"/> knows already.</summary>
    /// <exception cref="ValidationException">The detector cannot take the value.</exception>
    public void Update(double value, string column, RowNumbers rows, DetectReport report)
    {
        if (_onlyErrors && value is not (0 or 1))
        {
            throw new ValidationException(
                $"--detector {name}: row {rows.RowOf(rows.Count - 1)}, column '{column}' is {value.ToString(CultureInfo.InvariantCulture)}: "
                + "expected 0 (right) or 1 (wrong), or --profile moa|river, which take any number");
        }

        var level = _detector.Update(value);
        if (level == DriftLevel.Drift || (level == DriftLevel.Warning && _before != DriftLevel.Warning))
        {
            var age = _detector.Evidence.ChangeAge;
            report.Add(name, rows.RowOf(rows.Count - 1), level, _detector.Evidence, age > 0 ? rows.RowOf(rows.Count - Math.Min(age, rows.Count)) : null);
        }

        _before = level;
    }
}
