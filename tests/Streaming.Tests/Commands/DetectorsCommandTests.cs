using System.Text.Json;
using Streaming.Drift;

namespace Streaming.Tests;

/// <summary><c>driftd detectors</c>.</summary>
public class DetectorsCommandTests
{
    [Fact]
    public async Task All_detectors_are_listed_with_everything_they_can_be_told()
    {
        var run = await Driftd.RunAsync("detectors");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(DetectorSpec.Names, run.Objects.Select(static line => line.GetProperty("name").GetString()!));
        Assert.All(run.Objects, static line => Assert.All(
            (string[])["input", "sees", "source"], field => Assert.NotEqual("", line.GetProperty(field).GetString())));
        var numbers = run.Objects.SelectMany(static line => line.GetProperty("options").EnumerateArray()).Where(static option => char.IsDigit(Text(option, "default")[0])).ToList();
        Assert.True(numbers.Count > 60, $"{numbers.Count} numbers");
        Assert.All(numbers, static option => Assert.True(Text(option, "name") == "seed" || Text(option, "unit").Length > 0, $"{option}"));
    }

    /// <remarks>A default that is written down and read again means the same detector.</remarks>
    [Fact]
    public async Task What_is_listed_is_understood()
    {
        foreach (var line in (await Driftd.RunAsync("detectors")).Objects)
        {
            var name = Text(line, "name");
            var pairs = line.GetProperty("options").EnumerateArray().Where(static option => Text(option, "default") != "by profile")
                .Select(static option => $"{Text(option, "name")}={Text(option, "default")}");

            Assert.Equal(DetectorSpec.Parse(name).Options, DetectorSpec.Parse($"{name}:{string.Join(',', pairs)}").Options);
        }
    }

    [Fact]
    public async Task One_detector_is_explained_to_people()
    {
        var run = await Driftd.RunAsync("detectors", "kswin", "--output", "table");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Raab", run.Output, StringComparison.Ordinal);
        Assert.Contains("sampling", run.Output, StringComparison.Ordinal);
        Assert.Contains("random, none", run.Output, StringComparison.Ordinal);
        Assert.Contains("4 to 1000", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_none_is_wrong_usage()
    {
        var run = await Driftd.RunAsync("detectors", "nothing");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("detector 'nothing': expected one of adwin, ddm", run.Error, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
