using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary><c>driftd detect</c> itself on the published files: the same rows, with no difference.</summary>
public class GoldenDetectTests(ITestOutputHelper print)
{
    // a published row: stream, detector, parameters; and the command line that means the same
    public static TheoryData<string, string, string, string, string> Published => new()
    {
        { "skm_drift_stream", "PageHinkley", "clipped at 0", "page-hinkley:clip=true", "default" },
        { "skm_seed1_a", "DDM", "", "ddm", "river" },
        { "skm_seed1_a", "EDDM", "", "eddm", "default" },
        { "skm_seed1_a", "HDDM_A", "", "hddm-a", "default" },
        { "skm_seed1_b", "HDDM_A", "", "hddm-a:direction=both", "moa" },
        { "skm_seed1_a", "HDDM_W", "", "hddm-w", "default" },
        { "skm_seed1_b", "HDDM_W", "", "hddm-w", "default" },
        { "river_1", "ADWIN", "", "adwin", "river" },
        { "river_1", "PageHinkley", "clipped at 0;>=", "page-hinkley:clip=true", "river" },
        { "river_2", "DDM", "", "ddm", "river" },
        { "river_2", "EDDM", "", "eddm", "default" },
        { "river_2", "HDDM_A", "", "hddm-a", "river" },
        { "river_2", "HDDM_W", "", "hddm-w", "river" },
        { "river_3", "HDDM_A", "", "hddm-a:direction=both", "river" },
        { "river_3", "HDDM_W", "", "hddm-w", "river" },
        { "river_doc_12345", "ADWIN", "", "adwin:delta=0.002", "river" },
        { "river_doc_12345", "PageHinkley", "clipped", "page-hinkley:clip=true", "river" },
        { "capymoa_seed0", "ADWIN", "", "adwin:delta=0.001", "moa" },
        { "capymoa_seed0", "PageHinkley", "NOT clipped;>", "page-hinkley", "moa" },
        { "capymoa_seed0", "CUSUM", "", "cusum:threshold=60", "moa" },
        { "capymoa_seed0", "RDDM", "", "rddm", "moa" },
        { "capymoa_seed0", "DDM", "", "ddm", "moa" },
        { "capymoa_seed0", "GeometricMovingAverage", "", "gma", "moa" },
        { "capymoa_seed0", "HDDM_A", "", "hddm-a:driftConfidence=1e-10,direction=both", "moa" },
        { "capymoa_seed0", "HDDM_W", "", "hddm-w:weight=0.001", "moa" },
    };

    [Fact]
    public async Task Every_published_row_is_reproduced()
    {
        var rows = GoldenData.Rows("golden/expected.csv")
            .Where(row => row["status"] == "reproduced").ToList();
        Assert.Equal(rows.Count, Published.Count);
        var differences = 0;
        foreach (var row in Published)
        {
            var (stream, detector, parameters) = ((string)row[0], (string)row[1], (string)row[2]);
            var expected = rows.Single(
                published => published["stream"] == stream && published["detector"] == detector && published["parameters"].EndsWith(parameters, StringComparison.Ordinal));

            var found = await IndicesAsync($"golden/streams/{stream}.csv.gz", "x", (string)row[3], (string)row[4]);

            differences += GoldenData.Positions(expected["detections_index0"]).SequenceEqual(found) ? 0 : 1;
        }

        print.WriteLine($"driftd detect on data/golden: {Published.Count} rows, {differences} differences");
        Assert.Equal(0, differences);
    }

    [Fact]
    public async Task All_seeds_and_streams_of_MOA_are_reproduced()
    {
        var (count, differences) = (0, 0);
        foreach (var row in GoldenData.Rows("moa-reference/detections.csv"))
        {
            var found = await IndicesAsync($"moa-reference/{row["stream"]}.csv.gz", "seed" + row["seed"], row["detector"].ToLowerInvariant(), "moa");

            count++;
            differences += GoldenData.Positions(row["detections_index0"]).SequenceEqual(found) ? 0 : 1;
        }

        print.WriteLine($"driftd detect --profile moa on data/moa-reference: {count} rows, {differences} differences");
        Assert.Equal((150, 0), (count, differences));
    }

    private static async Task<IEnumerable<int>> IndicesAsync(string file, string column, string detector, string profile)
    {
        var run = await Driftd.RunAsync("detect", GoldenData.Path(file), "--column", column, "--detector", detector, "--profile", profile);

        Assert.Equal(0, run.ExitCode);
        Assert.All(run.Objects, line => Assert.Equal("drift", line.GetProperty("level").GetString()));
        return run.Objects.Select(line => line.GetProperty("index").GetInt32());
    }
}
