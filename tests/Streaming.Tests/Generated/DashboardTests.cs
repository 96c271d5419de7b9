using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Streaming.Benchmarks;

namespace Streaming.Tests.Generated;

public partial class DashboardTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromFile(Path.Combine(AppContext.BaseDirectory, "Data/grafana/grafana-dashboard-13.2.3.schema.json"));

    public static TheoryData<string> Names => [.. AllDashboards.All.Select(dashboard => dashboard.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_committed_is_what_is_generated(string name)
    {
        var committed = File.ReadAllText(Path.Combine(Repository.Root, AllDashboards.Folder, name + ".json"));

        // to write it anew: dotnet run -c Release --project tests/Streaming.Benchmarks -- generate
        Assert.Equal(Of(name).Text(), committed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grafana_would_take_it(string name) => Assert.Empty(Errors(JsonNode.Parse(Of(name).Text())));

    [Fact]
    public void A_misspelt_property_would_be_noticed()
    {
        var json = JsonNode.Parse(Of("fleet").Text())!;
        json["panels"]![1]!["options"]!["colourMode"] = "value";

        Assert.NotEmpty(Errors(json));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_panel_has_a_unit_and_says_what_to_do(string name) =>
        Assert.All(Of(name).Panels, panel => Assert.True(panel.Unit.Length > 0 && panel.Help.Length > 10 && panel.Queries.Length > 0, panel.Title));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_metric_it_asks_for_exists(string name)
    {
        var known = MetricTable.Names.SelectMany(metric => new[] { metric, metric + "_bucket" }).ToHashSet();
        var asked = Of(name).Panels.SelectMany(panel => panel.Queries).Select(query => query.Expr).Append(Of(name).Marks)
            .SelectMany(expr => Metric().Matches(expr)).Select(match => match.Value);

        Assert.All(asked, metric => Assert.Contains(metric, known));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Where_instances_overlap_a_series_is_drawn_once(string name) =>
        Assert.All(Of(name).Panels.SelectMany(panel => panel.Queries), query =>
            Assert.Matches(@"\b(max|min|sum|avg|count)\b( by)? ?\(", query.Expr));

    private static List<string> Errors(JsonNode? json)
    {
        var results = Schema.Evaluate(json, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. results.Details.Where(detail => detail.HasErrors).OrderByDescending(detail => detail.EvaluationPath.Count).Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}")];
    }

    private static Dashboard Of(string name) => AllDashboards.All.Single(dashboard => dashboard.Name == name);

    [GeneratedRegex(@"\b(driftd|process|dotnet)_[a-z_]+\b")]
    private static partial Regex Metric();
}
