using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary><c>driftd distances</c>: what the distances measure and what they can be told.</summary>
internal static class DistancesCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "One distance. Default all.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string>("--output")
        {
            Description = "json (one object a line) or table. Default table.",
            HelpName = "json|table",
            DefaultValueFactory = static _ => "table",
        };
        var command = new Command("distances", FileOptions.WithExamples(
            "Lists the distances of 'compare': what each measures, its options with unit, range and default, its p-value or scale, its source.",
            "driftd distances", "driftd distances psi", "driftd distances --output json"))
        {
            name, output,
        };
        command.SetAction(parsed =>
        {
            var chosen = Chosen(parsed.GetValue(name));
            var console = parsed.InvocationConfiguration.Output;
            if (FileOptions.Choice<OutputForm>("--output", parsed.GetRequiredValue(output)) == OutputForm.Json)
            {
                chosen.ForEach(distance => WriteJson(console, distance));
                return CommandLine.Fine;
            }

            if (chosen.Count == 1)
            {
                WriteOne(console, chosen[0]);
                return CommandLine.Fine;
            }

            var table = ResultText.Table("distance", "measures", "options (default)", "source");
            foreach (var distance in chosen)
            {
                ResultText.Add(table, distance.Name, distance.Measures, string.Join(", ", distance.Options.Select(static option => $"{option.Key} {option.Default}")), distance.Source);
            }

            ResultText.Write(console, table);
            return CommandLine.Fine;
        });
        return command;
    }

    private static List<DistanceDeclaration> Chosen(string? name)
    {
        var chosen = DistanceSpec.All.Where(distance => name is null || distance.Name == name).ToList();
        return chosen.Count > 0 ? chosen : throw new ValidationException($"distance '{name}': expected one of {string.Join(", ", DistanceSpec.Names)}");
    }

    private static void WriteOne(TextWriter output, DistanceDeclaration distance)
    {
        var table = ResultText.Table(distance.Name, distance.Measures);
        ResultText.Add(table, "statistic", $"{distance.Range} (unit: {distance.Unit})");
        ResultText.Add(table, "law", distance.Law);
        ResultText.Add(table, "source", distance.Source);
        ResultText.Write(output, table);
        if (distance.Options.Count == 0)
        {
            return;
        }

        var options = ResultText.Table("option", "default", "range", "unit", "meaning");
        foreach (var option in distance.Options)
        {
            ResultText.Add(options, option.Key, option.Default, option.Range, option.Unit, option.Meaning);
        }

        ResultText.Write(output, options);
    }

    private static void WriteJson(TextWriter output, DistanceDeclaration distance) => ResultText.WriteLine(output, json =>
    {
        json.WriteString("name", distance.Name);
        json.WriteString("measures", distance.Measures);
        json.WriteString("unit", distance.Unit);
        json.WriteString("range", distance.Range);
        json.WriteString("law", distance.Law);
        json.WriteString("source", distance.Source);
        json.WriteStartArray("options");
        foreach (var option in distance.Options)
        {
            json.WriteStartObject();
            json.WriteString("key", option.Key);
            json.WriteString("meaning", option.Meaning);
            json.WriteString("unit", option.Unit);
            json.WriteString("range", option.Range);
            json.WriteString("default", option.Default);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
