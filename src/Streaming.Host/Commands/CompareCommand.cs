using System.CommandLine;
using System.Globalization;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary><c>driftd compare</c>: two-sample statistics between a column of two files.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var reference = FileOptions.File("REFERENCE", "What normal was:");
        var current = FileOptions.File("CURRENT", "What is compared with it:");
        var column = FileOptions.Column();
        var distances = new Option<string[]>("--distance")
        {
            Description = "A distance and its options; may stand there several times. Default psi and ks. "
                + "psi: bins (2 to 1,000; default 10), binning=quantile|equal (quantile), floor (least share of a bin, 0 to 0.01; 0.0001). "
                + "ks: method=auto|exact|asymptotic (auto: exact up to 10,000 values).",
            HelpName = "SPEC",
            DefaultValueFactory = static _ => ["psi", "ks"],
        };
        var (strict, output) = (FileOptions.Strict(), FileOptions.Output());
        var command = new Command("compare", FileOptions.WithExamples(
            "Measures how far the distributions of one column lie apart in two files. A PSI above 0.1 is usually taken as a warning, above 0.2 as drift. "
            + "p-values assume independent values: correlated ones make them far too small. Both columns are held in memory.",
            "driftd compare train.csv today.csv --column amount",
            "driftd compare train.csv today.csv.gz --column amount --distance psi:bins=20,binning=equal --distance ks:method=exact --output table"))
        {
            reference, current, column, distances, output, strict,
        };
        command.SetAction(parsed =>
        {
            var specs = parsed.GetRequiredValue(distances).Select(DistanceSpec.Parse).ToArray();
            var form = FileOptions.Choice<OutputForm>("--output", parsed.GetRequiredValue(output));
            var console = parsed.InvocationConfiguration;
            var name = parsed.GetRequiredValue(column);
            var before = Values(parsed.GetRequiredValue(reference), name, console.Error, parsed.GetValue(strict));
            var after = Values(parsed.GetRequiredValue(current), name, console.Error, parsed.GetValue(strict));
            Write(console.Output, form, [.. specs.Select(spec => spec.Compute(before, after))]);
            return CommandLine.Fine;
        });
        return command;
    }

    private static double[] Values(string path, string column, TextWriter error, bool strict)
    {
        using var file = InputFile.Open(path);
        var bad = new BadRows(file.Name, error, strict);
        var numbers = new NumberColumn(file, file.Rows(bad), column, bad);
        var values = new List<double>();
        FileProgress.While(file, $"read {file.Name}", quiet: false, tick =>
        {
            while (numbers.Read(out var value))
            {
                values.Add(value);
                tick();
            }
        });
        bad.Summarise();
        return values.Count > 0 ? [.. values] : throw new IOException($"{file.Name}: column '{column}' has no number in it: nothing to compare");
    }

    private static void Write(TextWriter output, OutputForm form, DistanceResult[] results)
    {
        var table = ResultText.Table("distance", "statistic ", "p-value ");
        foreach (var result in results)
        {
            if (form == OutputForm.Table)
            {
                ResultText.Add(
                    table, result.Distance, result.Statistic.ToString("G6", CultureInfo.InvariantCulture),
                    result.PValue?.ToString("G3", CultureInfo.InvariantCulture) ?? "–");
                continue;
            }

            ResultText.WriteLine(output, json =>
            {
                json.WriteString("distance", result.Distance);
                ResultText.Number(json, "statistic", result.Statistic);
                ResultText.Number(json, "pValue", result.PValue);
            });
        }

        if (form == OutputForm.Table)
        {
            ResultText.Write(output, table);
        }
    }
}
