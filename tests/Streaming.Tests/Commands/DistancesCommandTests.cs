using Streaming.Drift;

namespace Streaming.Tests;

public class DistancesCommandTests
{
    [Fact]
    public async Task All_distances_are_listed_as_objects_and_as_a_table()
    {
        var (json, table) = (await Driftd.RunAsync("distances", "--output", "json"), await Driftd.RunAsync("distances"));

        Assert.Equal(DistanceSpec.Names, json.Objects.Select(line => line.GetProperty("name").GetString()));
        Assert.All(DistanceSpec.Names, name => Assert.Contains($" {name} ", table.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_distance_tells_its_options_with_unit_range_and_default()
    {
        var one = await Driftd.RunAsync("distances", "psi", "--output", "json");
        var floor = Assert.Single(one.Objects).GetProperty("options").EnumerateArray().Single(option => option.GetProperty("key").GetString() == "floor");

        Assert.Equal(("0 to 0.01", "0.0001", "share"), (floor.GetProperty("range").GetString(), floor.GetProperty("default").GetString(), floor.GetProperty("unit").GetString()));
        Assert.Contains("0 to 0.01", (await Driftd.RunAsync("distances", "psi")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_distance_that_is_none_is_wrong_usage()
    {
        var run = await Driftd.RunAsync("distances", "chebyshev");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("'chebyshev': expected one of psi, kl, js", run.Error, StringComparison.Ordinal);
    }
}
