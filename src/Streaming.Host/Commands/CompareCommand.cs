using System.CommandLine;
using System.ComponentModel.DataAnnotations;
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
        var columns = new Option<string[]>("--column")
        {
            Description = "The column with the numbers: a name of the header, or a property of the JSON objects (or of their features). May stand there several times for mmd, which then looks at all together.",
            HelpName = "NAME",
            Required = true,
        };
        var distances = new Option<string[]>("--distance")
        {
            Description = "A distance and its options, as in psi:bins=20,binning=equal; may stand there several times. Default psi and ks. "
                + $"One of {string.Join(", ", DistanceSpec.Names)}: 'driftd distances' says what each measures and takes.",
            HelpName = "SPEC",
            DefaultValueFactory = static _ => ["psi", "ks"],
        };
        var (strict, output) = (FileOptions.Strict(), FileOptions.Output());
        var command = new Command("compare", FileOptions.WithExamples(
            "Measures how far the distributions of one column lie apart in two files. A PSI above 0.1 is usually taken as a warning, above 0.2 as drift. "
            + "p-values assume independent values: correlated ones make them far too small. Both columns are held in memory.",
            "driftd compare train.csv today.csv --column amount",
            "driftd compare train.csv today.csv.gz --column amount --distance psi:bins=20,binning=equal --distance ks:method=exact --output table",
            "driftd compare train.csv today.csv --column amount --column age --distance mmd"))
        {
            reference, current, columns, distances, output, strict,
        };
        command.SetAction(parsed =>
        {
            var specs = parsed.GetRequiredValue(distances).Select(DistanceSpec.Parse).ToArray();
            var form = FileOptions.Choice<OutputForm>("--output", parsed.GetRequiredValue(output));
            var console = parsed.InvocationConfiguration;
            var names = parsed.GetRequiredValue(columns);
            if (names.Length > 1 && specs.FirstOrDefault(static spec => !spec.TakesRows) is { } single)
            {
                throw new ValidationException($"--distance {single}: measures one column, found {names.Length}: expected one --column, or the distance mmd");
            }

            var before = Values(parsed.GetRequiredValue(reference), names, console.Error, parsed.GetValue(strict));
            var after = Values(parsed.GetRequiredValue(current), names, console.Error, parsed.GetValue(strict));
            Write(console.Output, form, [.. specs.Select(spec => spec.ComputeRows(before, after, names.Length))]);
            return CommandLine.Fine;
        });
        return command;
    }

    private static double[] Values(string path, string[] columns, TextWriter error, bool strict)
    {
        using var file = InputFile.Open(path);
        var bad = new BadRows(file.Name, error, strict);
        var numbers = new NumberRows(file, file.Rows(bad), columns, bad);
        var values = new List<double>();
        FileProgress.While(file, $"read {file.Name}", quiet: false, tick =>
        {
            while (numbers.Read(values))
            {
                tick();
            }
        });
        bad.Summarise();
        return values.Count > 0 ? [.. values] : throw new IOException($"{file.Name}: column '{string.Join("', '", columns)}' has no number in it: nothing to compare");
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
