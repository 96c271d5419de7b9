namespace Streaming.IntegrationTests;

/// <summary>The rules of docker/prometheus by Prometheus' own tool.</summary>
public class PrometheusRuleTests
{
    private static readonly string Folder = Path.GetDirectoryName(PromQuery.RuleFile("alerts"))!;

    [PromtoolFact]
    public async Task Promtool_finds_nothing_wrong_with_rules_and_configuration()
    {
        var (rules, said) = await Prometheus.Promtool("", "check", "rules", PromQuery.RuleFile("recording"), PromQuery.RuleFile("alerts"));
        Assert.True(rules == 0, said);
        (rules, said) = await Prometheus.Promtool("", "check", "config", PromQuery.RuleFile("prometheus"));
        Assert.True(rules == 0, said);
    }

    [PromtoolFact]
    public async Task Every_case_of_every_alert_ends_as_it_should()
    {
        var (code, said) = await Prometheus.Promtool("", ["test", "rules", .. Directory.GetFiles(Path.Combine(Folder, "tests"), "*.yml")]);

        Assert.True(code == 0, said);
    }
}

/// <summary>A test that needs promtool; skipped, with the way to enable it, where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute() => Skip = Prometheus.Missing;
}
