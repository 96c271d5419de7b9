using Streaming.Monitoring;

namespace Streaming.Tests;

public sealed class ReferenceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Features_and_prediction_of_training_data_make_a_profile()
    {
        var run = await Driftd.RunAsync("reference", "build", GoldenData.Path("elec2/elec2-predictions.csv.gz"), "-o", _folder.Path("p.json"));

        Assert.Equal(0, run.ExitCode);
        var profile = ReferenceProfile.Load(_folder.Path("p.json"));
        Assert.Equal(
            ["date", "day", "nswdemand", "nswprice", "period", "transfer", "vicdemand", "vicprice"],
            profile.Streams.Where(stream => stream.StartsWith("feature:", StringComparison.Ordinal)).Select(stream => stream["feature:".Length..]));
        Assert.Equal(9, run.Objects.Count);
        Assert.Equal(45_312, profile.Numeric("feature:nswprice")!.Count);
        Assert.Equal(45_312, profile.Categorical("prediction")!.Count);
        Assert.Contains("9 streams from 45312 rows, 0 rows skipped", run.Error);
    }

    [Fact]
    public async Task Only_the_columns_named_are_taken()
    {
        var file = _folder.File("train.csv", "id,a,b,score\n1,1,x,0.5\n2,2,y,0.6\n");

        var run = await Driftd.RunAsync(
            "reference", "build", file, "--profile", _folder.Path("p.json"), "--column", "b", "--column", "score", "--prediction", "score");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["feature:b", "prediction"], ReferenceProfile.Load(_folder.Path("p.json")).Streams);
    }

    [Fact]
    public async Task A_bad_cell_skips_its_row_and_an_empty_one_is_missing()
    {
        var run = await Driftd.RunAsync("reference", "build", _folder.File("train.csv", "a,b\n1,1\nNaN,100\n,2\n"), "-o", _folder.Path("p.json"));

        var profile = ReferenceProfile.Load(_folder.Path("p.json"));
        Assert.Equal((1, 2, 2.0), (profile.Numeric("feature:a")!.Count, profile.Numeric("feature:b")!.Count, profile.Numeric("feature:b")!.Max));
        Assert.Contains("row 1 (line 3), column 'a': 'NaN' is not finite", run.Error);
    }

    [Fact]
    public async Task Whole_events_give_their_features_and_latency()
    {
        const string events = """{"id":"a","model":"m","time":5,"features":{"x":1,"ok":true},"prediction":0.5,"label":1,"latencyMs":3,"failure":null}""";

        var run = await Driftd.RunAsync("reference", "build", _folder.File("train.jsonl", events), "-o", _folder.Path("p.json"));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["feature:ok", "feature:x", "latency", "prediction"], ReferenceProfile.Load(_folder.Path("p.json")).Streams);
    }

    [Theory]
    [InlineData(2, "--column z: ", "x\n1\n", "--column", "z")]
    [InlineData(2, "--prediction score: ", "x\n1\n", "--prediction", "score")]
    [InlineData(1, "has no value in it", "x\n")]
    public async Task What_cannot_be_built_leaves_the_file_that_was_there(int exitCode, string message, string content, params string[] options)
    {
        var old = _folder.File("p.json", "old");

        var run = await Driftd.RunAsync(["reference", "build", _folder.File("train.csv", content), "-o", old, .. options]);

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
        Assert.Equal("old", File.ReadAllText(old));
    }
}
