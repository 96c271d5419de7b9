using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Streaming.IntegrationTests;

/// <summary>An expression that stands in the repository.</summary>
/// <param name="Where">File, and panel, rule or variable.</param>
/// <param name="Expr">The expression as it stands there.</param>
internal sealed partial record PromQuery(string Where, string Expr)
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Repository.Root;

    /// <summary>All of them: dashboards, rules, README.</summary>
    public static IReadOnlyList<PromQuery> All { get; } = [.. Dashboards(), .. Rules("recording"), .. Rules("alerts"), .. Readme()];

    /// <summary>Files of rules.</summary>
    public static string RuleFile(string name) => Path.Combine(Root, "docker/prometheus", name + ".yml");

    /// <summary>As Prometheus takes it: variables of the dashboard replaced.</summary>
    public string For(string model) => LabelValues().Replace(Expr, "count by (${label}) (${metric})")
        .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$model", model, StringComparison.Ordinal)
        .Replace("$version", ".*", StringComparison.Ordinal).Replace("$stream", ".*", StringComparison.Ordinal);

    private static IEnumerable<PromQuery> Dashboards()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, "docker/grafana/dashboards"), "*.json").Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            var name = Path.GetFileName(file);
            var panels = json.RootElement.GetProperty("panels").EnumerateArray().Where(static panel => panel.TryGetProperty("targets", out _));
            foreach (var query in panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray().Select(target =>
                new PromQuery($"{name}: {panel.GetProperty("title").GetString()}", target.GetProperty("expr").GetString()!))))
            {
                yield return query;
            }

            foreach (var annotation in json.RootElement.GetProperty("annotations").GetProperty("list").EnumerateArray())
            {
                yield return new PromQuery($"{name}: annotation", annotation.GetProperty("expr").GetString()!);
            }

            foreach (var variable in json.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Where(static one => one.TryGetProperty("definition", out _)))
            {
                yield return new PromQuery($"{name}: variable {variable.GetProperty("name").GetString()}", variable.GetProperty("definition").GetString()!);
            }
        }
    }

    private static IEnumerable<PromQuery> Rules(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(RuleFile(name))));
        foreach (var group in (YamlSequenceNode)yaml.Documents[0].RootNode["groups"])
        {
            foreach (var rule in (YamlSequenceNode)group["rules"])
            {
                var fields = ((YamlMappingNode)rule).Children.ToDictionary(static field => field.Key.ToString(), static field => field.Value.ToString());
                yield return new PromQuery($"{name}.yml: {fields.GetValueOrDefault("alert") ?? fields["record"]}", fields["expr"]);
            }
        }
    }

    private static IEnumerable<PromQuery> Readme() => Block().Matches(File.ReadAllText(Path.Combine(Root, "README.md")))
        .SelectMany(static block => block.Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(static line => new PromQuery("README.md", line));

    [GeneratedRegex(@"^label_values\((?<metric>.*), (?<label>\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex("```promql\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
