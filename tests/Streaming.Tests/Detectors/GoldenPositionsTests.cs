using Streaming.Drift;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>Our positions against those of named releases: scikit-multiflow, River, CapyMOA (tables of their tests), MOA 2021.07, MOA 2024.07.0, River 0.26.1.</summary>
public class GoldenPositionsTests(ITestOutputHelper output)
{
    public static TheoryData<string, string, DetectorOptions, string> Published => new()
    {
        { "skm_drift_stream", "PageHinkley", new PageHinkleyOptions { Clip = true }, "clipped at 0" },
        { "skm_seed1_a", "DDM", new DdmOptions { Profile = Profile.River }, "" },
        { "river_1", "ADWIN", new AdwinOptions { Profile = Profile.River }, "" },
        { "river_1", "PageHinkley", new PageHinkleyOptions { Clip = true, Profile = Profile.River }, "clipped at 0;>=" },
        { "river_2", "DDM", new DdmOptions { Profile = Profile.River }, "" },
        { "river_doc_12345", "ADWIN", new AdwinOptions { Profile = Profile.River }, "" },
        { "river_doc_12345", "PageHinkley", new PageHinkleyOptions { Clip = true, Profile = Profile.River }, "clipped" },
        { "capymoa_seed0", "ADWIN", new AdwinOptions { Profile = Profile.Moa, Delta = 0.001 }, "" },
        { "capymoa_seed0", "PageHinkley", new PageHinkleyOptions { Profile = Profile.Moa }, "NOT clipped;>" },
        { "capymoa_seed0", "DDM", new DdmOptions { Profile = Profile.Moa }, "" },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Every_published_row_is_reproduced(string stream, string detector, DetectorOptions options, string parameters)
    {
        var row = GoldenData.Rows("golden/expected.csv").Single(row =>
            row["stream"] == stream && row["detector"] == detector && row["status"] == "reproduced" && row["parameters"].EndsWith(parameters, StringComparison.Ordinal));

        Assert.Equal(GoldenData.Positions(row["detections_index0"]), GoldenData.Stream(stream).DriftsOf(options.Create()));
    }

    [Fact]
    public void No_published_row_of_these_detectors_is_left_out()
    {
        var rows = GoldenData.Rows("golden/expected.csv").Where(row => row["status"] == "reproduced" && row["detector"] is "ADWIN" or "DDM" or "PageHinkley");

        Assert.Equal(rows.Select(row => (row["stream"], row["detector"])).Order(), Published.Select(row => ((string)row[0], (string)row[1])).Order());
        output.WriteLine($"published: {Published.Count} rows, none left out");
    }

    [Theory]
    [InlineData("ADWIN")]
    [InlineData("DDM")]
    public void MOA_2021_07_is_matched_on_15_seeds_of_two_streams(string detector)
    {
        var rows = GoldenData.Rows("moa-reference/detections.csv").Where(row => row["detector"] == detector).ToList();
        Assert.Equal(30, rows.Count);
        Assert.Equal(30, rows.Select(row => (row["stream"], row["seed"])).Distinct().Count());
        output.WriteLine($"{detector}: {rows.Count} streams, {rows.Sum(row => GoldenData.Positions(row["detections_index0"]).Length)} positions");
        foreach (var row in rows)
        {
            var values = GoldenData.Stream($"{row["stream"]}_seed{row["seed"]}");
            Assert.Equal(GoldenData.Positions(row["detections_index0"]), values.DriftsOf(Moa(detector)));
        }
    }

    [Theory]
    [InlineData("ADWIN")]
    [InlineData("DDM")]
    public void MOA_2021_07_is_matched_on_real_values(string detector)
    {
        foreach (var row in GoldenData.Rows("moa-reference/detections_nonbinary.csv").Where(row => row["detector"] == detector))
        {
            var values = GoldenData.Column($"moa-reference/{row["stream"].Replace("nonbinary", "binary", StringComparison.Ordinal)}.csv.gz", "p");
            Assert.Equal(GoldenData.Positions(row["detections_index0"]), values.DriftsOf(Moa(detector)));
        }
    }

    [Theory]
    [InlineData("MOA", "ADWINChangeDetector", 66)]
    [InlineData("MOA", "ADWIN (core class)", 44)]
    [InlineData("MOA", "DDM", 16)]
    [InlineData("MOA", "PageHinkleyDM", 44)]
    [InlineData("River", "ADWIN", 28)]
    [InlineData("River", "DDM", 8)]
    [InlineData("River", "PageHinkley", 42)]
    public void Current_releases_are_matched(string source, string detector, int rowCount)
    {
        var rows = GoldenData.Rows("golden-moa/positions.csv").Where(row => row["source"] == source && row["detector"] == detector).ToList();
        Assert.Equal(rowCount, rows.Count);
        foreach (var row in rows)
        {
            var options = Options(source, detector, row["parameters"]);
            var found = GoldenData.Stream(row["stream"]).DriftsOf(options.Create());
            Assert.True(
                GoldenData.Positions(row["drift_positions"]).SequenceEqual(found),
                $"{row["stream"]} {row["parameters"]}: expected {row["drift_positions"]}, found {string.Join(' ', found)}");
        }
    }

    private static IDriftDetector Moa(string detector) =>
        detector == "ADWIN" ? new AdwinOptions { Profile = Profile.Moa }.Create() : new DdmOptions { Profile = Profile.Moa }.Create();

    private static DetectorOptions Options(string source, string detector, string parameters)
    {
        var profile = source == "MOA" ? Profile.Moa : Profile.River;
        var values = parameters.Split(';').Select(part => part.Split('=')).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        double Number(string name) => double.Parse(values[name], System.Globalization.CultureInfo.InvariantCulture);
        return detector switch
        {
            "ADWIN (core class)" => new AdwinOptions
            {
                Delta = Number("delta"),
                OnDrift = parameters.Contains("restarted", StringComparison.Ordinal) ? AfterDrift.Reset : AfterDrift.Shrink,
            },
            "ADWINChangeDetector" or "ADWIN" => new AdwinOptions { Delta = Number("delta"), Profile = profile },
            "DDM" => new DdmOptions { Profile = profile },
            _ => new PageHinkleyOptions
            {
                Profile = profile,
                Threshold = Number(values.ContainsKey("lambda") ? "lambda" : "threshold"),
                Direction = values.GetValueOrDefault("mode") == "both" ? Direction.Both : Direction.Up,
            },
        };
    }
}
