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
        ("wasserstein1", "wasserstein"), ("energy_distance", "energy"), ("hellinger_20_equal_bins", "hellinger:bins=20,binning=equal"),
        ("js_distance_20_equal_bins_base_e", "js:bins=20,binning=equal"), ("js_distance_20_equal_bins_base_2", "js:bins=20,binning=equal,base=two"),
        ("chi2_statistic_reference_deciles", "chi2"), ("chi2_pvalue_reference_deciles", "chi2"),
        ("chi2_statistic", "chi2:binning=distinct"), ("chi2_pvalue", "chi2:binning=distinct"),
        ("chi2_statistic_yates", "chi2:binning=distinct,yates=true"), ("chi2_pvalue_yates", "chi2:binning=distinct,yates=true"),
        ("mmd2_unbiased_rbf", "mmd:bandwidth="),
    ];

    [Fact]
    public async Task Every_statistic_is_the_published_one()
    {
        using var folder = new TemporaryFolder();
        var (count, differences, worstStatistic, worstPValue) = (0, 0, 0.0, 0.0);
        foreach (var (statistic, distance) in Statistics)
        {
            foreach (var row in ReferenceValues.Of(statistic))
            {
                var (comparison, expected, definition) = ((string)row[0], (double)row[1], (string)row[2]);
                var line = Assert.Single((await Compare(folder, comparison, distance, definition)).Objects);
                var isPValue = statistic.Contains("pvalue", StringComparison.Ordinal);
                var found = line.GetProperty(isPValue ? "pValue" : "statistic").GetDouble();
                var error = expected == 0 ? Math.Abs(found) : Math.Abs((found / expected) - 1);
                (worstStatistic, worstPValue) = isPValue ? (worstStatistic, Math.Max(worstPValue, error)) : (Math.Max(worstStatistic, error), worstPValue);
                differences += error <= (isPValue ? 1e-6 : 1e-9) ? 0 : 1;
                count++;
            }
        }

        print.WriteLine(
            $"driftd compare on data/two-sample-reference: {count} of {ReferenceValues.Count} values, {differences} differences; "
            + $"worst relative error: statistics {worstStatistic:E1}, p-values {worstPValue:E1}");
        Assert.Equal((ReferenceValues.Count, 0), (count, differences));
    }

    [Fact]
    public async Task Several_columns_are_for_mmd_only()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (folder.File("a.csv", "x,y\n1,2\n,9\n3,5\n2,2\n"), folder.File("b.csv", "x,y\n4,1\n1,1\n"));

        var wrong = await Driftd.RunAsync("compare", first, second, "--column", "x", "--column", "y", "--distance", "ks");
        var joint = await Driftd.RunAsync("compare", first, second, "--column", "x", "--column", "y", "--distance", "mmd:bandwidth=1");

        Assert.Equal((2, ""), (wrong.ExitCode, wrong.Output));
        Assert.Contains("--distance ks: measures one column, found 2", wrong.Error);
        Assert.Equal(Drift.Mmd.OfRows([1, 2, 3, 5, 2, 2], [4, 1, 1, 1], 2, new() { Bandwidth = 1 }).Statistic, Assert.Single(joint.Objects).GetProperty("statistic").GetDouble(), 1e-12);
        Assert.Contains("row 1 (line 3), column 'x': is missing", joint.Error);
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
    [InlineData("--distance", "chebyshev", "'chebyshev': expected one of psi, kl, js")]
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

    private static async Task<Driftd> Compare(TemporaryFolder folder, string comparison, string distance, string definition)
    {
        if (!distance.StartsWith("mmd", StringComparison.Ordinal))
        {
            var (reference, current) = ReferenceValues.Samples(comparison);
            return await Driftd.RunAsync(
                "compare", folder.File("reference.csv", Csv(reference)), folder.File("current.csv", Csv(current)), "--column", "x", "--distance", distance);
        }

        var (before, after, columns) = ReferenceValues.Rows(comparison);
        return await Driftd.RunAsync(
            [
                "compare", folder.File("reference.csv", Csv(before, columns)), folder.File("current.csv", Csv(after, columns)),
                .. Enumerable.Range(0, columns).SelectMany(column => (string[])["--column", $"x{column}"]), "--distance", distance + definition[(definition.LastIndexOf("s=", StringComparison.Ordinal) + 2)..],
            ]);
    }

    private static string Csv(double[] values, int columns) =>
        string.Join(',', Enumerable.Range(0, columns).Select(column => $"x{column}")) + "\n"
        + string.Join('\n', values.Chunk(columns).Select(row => string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture))))) + "\n";

    private static string Csv(double[] values) => "x\n" + string.Join('\n', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n";
}
