using System.Text.RegularExpressions;
using Streaming.Host;

namespace Streaming.IntegrationTests;

/// <summary>The demo needs no Kafka: its broker lies within the process.</summary>
public partial class DemoTests
{
    [Fact]
    public async Task A_recession_ends_in_a_trigger_with_the_true_change_and_the_delay()
    {
        var (exit, output, error) = await Run("demo", "--events", "40000", "--partitions", "2", "--seed", "7");

        Assert.True(exit == 0, output + error);
        Assert.Empty(error);
        Assert.Contains("RETRAIN credit-scoring, version 2026-11", output, StringComparison.Ordinal);
        Assert.Contains("\"type\": \"drift.trigger.v1\"", output, StringComparison.Ordinal);
        Assert.Contains("true change  event 20,001, 2026-11-22 00:00:10.000", output, StringComparison.Ordinal);
        Assert.InRange(int.Parse(Delay().Match(output).Groups[1].Value.Replace(",", "", StringComparison.Ordinal)), 100, 4_000);
    }

    [Theory]
    [InlineData("stable")]
    [InlineData("seasonal")]
    public async Task Where_nothing_changes_nothing_fires(string scenario)
    {
        var (exit, output, error) = await Run("demo", "--scenario", scenario, "--events", "40000", "--partitions", "2");

        Assert.True(exit == 0, output + error);
        Assert.Contains("triggers     none in 40,000 events; entries of a stream into Drift: 0", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--events", "39999", "40000 to 10000000")]
    [InlineData("--partitions", "25", "1 to 24")]
    [InlineData("--scenario", "sticky", "credit, seasonal, stable")]
    public async Task What_a_demo_cannot_do_is_refused_with_what_it_can(string option, string value, string range)
    {
        var (exit, _, error) = await Run("demo", option, value);

        Assert.Equal(2, exit);
        Assert.Contains($"{option} {value}: expected {range}", error, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await CommandLine.RunAsync(Program.Root(), arguments, output, error);
        return (exit, output.ToString(), error.ToString());
    }

    [GeneratedRegex(@"delay +([\d,]+) events over all partitions")]
    private static partial Regex Delay();
}
