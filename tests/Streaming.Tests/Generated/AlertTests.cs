using YamlDotNet.RepresentationModel;

namespace Streaming.Tests.Generated;

/// <summary>What rules promise to the one who is woken.</summary>
public class AlertTests
{
    private static readonly string Root = Repository.Root;
    private static readonly YamlMappingNode[] Alerts = [.. Rules("alerts")];

    public static TheoryData<string> Names => [.. Alerts.Select(alert => alert["alert"].ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_alert_says_what_to_do_at_a_place_that_is_in_the_README(string name)
    {
        var annotations = Of(name)["annotations"];
        var runbook = annotations["runbook"].ToString();

        Assert.All((string[])["summary", "description"], field => Assert.NotEmpty(annotations[field].ToString()));
        Assert.StartsWith("README.md#alert-", runbook, StringComparison.Ordinal);
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        Assert.Contains($"<a id=\"{runbook.Split('#')[1]}\"></a>", readme, StringComparison.Ordinal);
        Assert.Contains($"`{name}`", readme, StringComparison.Ordinal);
        Assert.Contains(Of(name)["labels"]["severity"].ToString(), (string[])["page", "ticket", "info"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(string name)
    {
        var expected = Directory.EnumerateFiles(Path.Combine(Root, "docker/prometheus/tests"), "*.yml")
            .SelectMany(file => (YamlSequenceNode)Load(file)["tests"]).SelectMany(test => (YamlSequenceNode)test["alert_rule_test"])
            .Where(test => test["alertname"].ToString() == name).Select(test => ((YamlSequenceNode)test["exp_alerts"]).Children.Count).ToList();

        Assert.Contains(expected, count => count > 0);
        Assert.Contains(expected, count => count == 0);
    }

    private static YamlMappingNode Of(string name) => Alerts.Single(alert => alert["alert"].ToString() == name);

    private static IEnumerable<YamlMappingNode> Rules(string file) =>
        ((YamlSequenceNode)Load(Path.Combine(Root, "docker/prometheus", file + ".yml"))["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>();

    private static YamlNode Load(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(file)));
        return yaml.Documents[0].RootNode;
    }
}
