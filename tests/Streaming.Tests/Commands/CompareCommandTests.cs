using System.Globalization;
using Xunit.Abstractions;

namespace Streaming.Tests;

public class CompareCommandTests(ITestOutputHelper print)
{
    public static IEnumerable<(string Statistic, string Distance)> Statistics =>
    [
        ("ks_statistic", "ks"), ("ks_pvalue_exact", "ks:method=exact"), ("ks_pvalue_asymptotic", "ks:method=asymptotic"),
        ("psi_reference_deciles", "psi"), ("psi_20_equal_bins", "psi:bins=20,binning=equal,floor=0"),
        ("psi_20_equal_bins_floor_1e-4", "psi:bins=20,binning=equal,floor=0.0001"),
    ];

    [Fact]
    public async Task Ks_and_psi_are_the_published_ones()
    {
        using var folder = new TemporaryFolder();
        var (count, worstStatistic, worstPValue) = (0, 0.0, 0.0);
        foreach (var (statistic, distance) in Statistics)
        {
            foreach (var row in ReferenceValues.Of(statistic))
            {
                var (comparison, expected) = ((string)row[0], (double)row[1]);
                var (reference, current) = ReferenceValues.Samples(comparison);
                var run = await Driftd.RunAsync(
                    "compare", folder.File("reference.csv", Csv(reference)), folder.File("current.csv", Csv(current)), "--column", "x", "--distance", distance);

                Assert.Equal(0, run.ExitCode);
                var line = Assert.Single(run.Objects);
                var isPValue = statistic.Contains("pvalue", StringComparison.Ordinal);
                var found = line.GetProperty(isPValue ? "pValue" : "statistic").GetDouble();
                var error = expected == 0 ? found : Math.Abs((found / expected) - 1);
                (worstStatistic, worstPValue) = isPValue ? (worstStatistic, Math.Max(worstPValue, error)) : (Math.Max(worstStatistic, error), worstPValue);
                count++;
            }
        }

        print.WriteLine($"driftd compare on data/two-sample-reference: {count} values; worst relative error: statistics {worstStatistic:E1}, p-values {worstPValue:E1}");
        Assert.True(count >= 30 && worstStatistic <= 1e-9 && worstPValue <= 1e-6, $"{count} {worstStatistic} {worstPValue}");
    }

    [Fact]
    public async Task A_statistic_is_one_JSON_object_a_line()
    {
        using var folder = new TemporaryFolder();
        var (reference, current) = ReferenceValues.Samples("frouros_uni: x vs y");

        var run = await Driftd.RunAsync(
            "compare", folder.File("a.csv", Csv(reference)), folder.File("b.csv", Csv(current)), "--column", "x", "--distance", "ks", "--distance", "psi");

        Assert.StartsWith("""{"distance":"ks","statistic":0.55,"pValue":3.04065850870""", run.Lines[0]);
        Assert.EndsWith("E-14}", run.Lines[0]);
        Assert.StartsWith("""{"distance":"psi","statistic":""", run.Lines[1]);
        Assert.EndsWith(""","pValue":null}""", run.Lines[1]);
    }

    [Fact]
    public async Task Without_a_distance_psi_and_ks_are_shown_and_a_table_is_for_people()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("a.csv", "x\n1\n2\n3\n");

        var run = await Driftd.RunAsync("compare", file, file, "--column", "x", "--output", "table");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("distance", run.Output);
        Assert.Contains("psi", run.Output);
        Assert.Contains("ks", run.Output);
    }

    [Theory]
    [InlineData("--distance", "hellinger", "'hellinger': expected one of psi, ks")]
    [InlineData("--distance", "psi:bins=1", "psi: bins=1: expected a whole number from 2 to 1000")]
    [InlineData("--output", "xml", "--output xml: expected json, table")]
    public async Task Wrong_usage_is_named_and_gives_2(string option, string value, string message)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("a.csv", "x\n1\n");

        var run = await Driftd.RunAsync("compare", file, file, "--column", "x", option, value);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public async Task A_column_without_a_number_cannot_be_compared()
    {
        using var folder = new TemporaryFolder();

        var run = await Driftd.RunAsync("compare", folder.File("a.csv", "x\n1\n"), folder.File("b.csv", "x\n"), "--column", "x");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("column 'x' has no number in it", run.Error);
    }

    private static string Csv(double[] values) => "x\n" + string.Join('\n', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n";
}
