using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary><c>driftd detectors</c>: which detectors there are, from what they declare of themselves.</summary>
internal static class DetectorsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "One detector. Default: all.", DefaultValueFactory = static _ => null };
        var output = FileOptions.Output();
        var command = new Command("detectors", FileOptions.WithExamples(
            "Lists the detectors, or one with its options: unit, range and default. What is listed is what SPEC of `driftd detect` understands.",
            "driftd detectors --output table",
            "driftd detectors adwin",
            "driftd detectors kswin --output table"))
        {
            name, output,
        };
        command.SetAction(parsed =>
        {
            var form = FileOptions.Choice<OutputForm>("--output", parsed.GetRequiredValue(output));
            var one = parsed.GetValue(name);
            var kinds = one is null ? DetectorSpec.All : [DetectorSpec.Parse(one).Kind];
            var writer = parsed.InvocationConfiguration.Output;
            if (form == OutputForm.Json)
            {
                WriteLines(writer, kinds);
            }
            else if (one is null)
            {
                WriteTable(writer, kinds);
            }
            else
            {
                WriteOptions(writer, kinds[0]);
            }

            return CommandLine.Fine;
        });
        return command;
    }

    private static void WriteLines(TextWriter writer, IReadOnlyList<DetectorKind> kinds)
    {
        foreach (var kind in kinds)
        {
            ResultText.WriteLine(writer, json =>
            {
                json.WriteString("name", kind.Name);
                json.WriteString("input", Input(kind.Input));
                json.WriteString("sees", kind.Sees);
                json.WriteString("profiles", kind.Profiles);
                json.WriteString("source", kind.Source);
                json.WriteStartArray("options");
                foreach (var option in kind.Options)
                {
                    WriteOption(json, option);
                }

                json.WriteEndArray();
            });
        }
    }

    private static void WriteOption(Utf8JsonWriter json, DetectorOption option)
    {
        json.WriteStartObject();
        json.WriteString("name", option.Name);
        json.WriteString("unit", option.Unit);
        json.WriteString("range", Range(option));
        json.WriteString("default", Default(option));
        json.WriteEndObject();
    }

    private static void WriteTable(TextWriter writer, IReadOnlyList<DetectorKind> kinds)
    {
        var table = ResultText.Table("name", "input", "sees", "options (default)", "source");
        foreach (var kind in kinds)
        {
            ResultText.Add(
                table, kind.Name, Input(kind.Input), kind.Sees, string.Join(", ", kind.Options.Select(static option => $"{option.Name} {Default(option)}")), kind.Source);
        }

        ResultText.Write(writer, table);
    }

    private static void WriteOptions(TextWriter writer, DetectorKind kind)
    {
        writer.WriteLine($"{kind.Name}: sees {kind.Sees}. Expects {Input(kind.Input)}. {kind.Source}.");
        if (kind.Profiles.Length > 0)
        {
            writer.WriteLine($"profiles: {kind.Profiles}");
        }

        var table = ResultText.Table("option", "unit", "range", "default");
        foreach (var option in kind.Options)
        {
            ResultText.Add(table, option.Name, option.Unit, Range(option), Default(option));
        }

        ResultText.Write(writer, table);
    }

    private static string Input(DetectorInput input) => input switch
    {
        DetectorInput.Errors => "1 for wrong, 0 for right",
        DetectorInput.Shares => "numbers in [0, 1]",
        _ => "any numbers",
    };

    private static string Range(DetectorOption option) =>
        option.Choices.Count > 0 ? string.Join(", ", option.Choices)
        : option.Most >= double.MaxValue ? (option.Least == double.Epsilon ? "above 0" : $"from {Text(option.Least)}")
        : $"{Text(option.Least)} to {Text(option.Most)}";

    private static string Default(DetectorOption option) => option.Default switch
    {
        null => "by profile",
        Enum name => name.ToString().ToLowerInvariant(),
        var other => Text(other),
    };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
