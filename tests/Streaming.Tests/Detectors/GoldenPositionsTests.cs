using System.Globalization;
using Streaming.Drift;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>Our positions against those of named releases: scikit-multiflow, River, CapyMOA (tables of their tests), MOA 2021.07, MOA 2024.07.0, River 0.26.1.</summary>
public class GoldenPositionsTests(ITestOutputHelper output)
{
    /// <summary>Each published row, and our detector that means the same.</summary>
    public static TheoryData<string, string, DetectorOptions, string> Published => new()
    {
        { "skm_drift_stream", "PageHinkley", new PageHinkleyOptions { Clip = true }, "clipped at 0" },
        { "skm_seed1_a", "DDM", new DdmOptions { Profile = Profile.River }, "" },
        { "skm_seed1_a", "EDDM", new EddmOptions(), "" },
        { "skm_seed1_a", "HDDM_A", new HddmAOptions(), "" },
        { "skm_seed1_b", "HDDM_A", new HddmAOptions { Profile = Profile.Moa, Direction = Direction.Both }, "" },
        { "skm_seed1_a", "HDDM_W", new HddmWOptions(), "" },
        { "skm_seed1_b", "HDDM_W", new HddmWOptions(), "" },
        { "river_1", "ADWIN", new AdwinOptions { Profile = Profile.River }, "" },
        { "river_1", "PageHinkley", new PageHinkleyOptions { Clip = true, Profile = Profile.River }, "clipped at 0;>=" },
        { "river_2", "DDM", new DdmOptions { Profile = Profile.River }, "" },
        { "river_2", "EDDM", new EddmOptions(), "" },
        { "river_2", "HDDM_A", new HddmAOptions { Profile = Profile.River }, "" },
        { "river_2", "HDDM_W", new HddmWOptions { Profile = Profile.River }, "" },
        { "river_3", "HDDM_A", new HddmAOptions { Profile = Profile.River, Direction = Direction.Both }, "" },
        { "river_3", "HDDM_W", new HddmWOptions { Profile = Profile.River }, "" },
        { "river_doc_12345", "ADWIN", new AdwinOptions { Profile = Profile.River }, "" },
        { "river_doc_12345", "PageHinkley", new PageHinkleyOptions { Clip = true, Profile = Profile.River }, "clipped" },
        { "capymoa_seed0", "ADWIN", new AdwinOptions { Profile = Profile.Moa, Delta = 0.001 }, "" },
        { "capymoa_seed0", "PageHinkley", new PageHinkleyOptions { Profile = Profile.Moa }, "NOT clipped;>" },
        { "capymoa_seed0", "CUSUM", new CusumOptions { Profile = Profile.Moa, Threshold = 60 }, "" },
        { "capymoa_seed0", "RDDM", new RddmOptions { Profile = Profile.Moa }, "" },
        { "capymoa_seed0", "DDM", new DdmOptions { Profile = Profile.Moa }, "" },
        { "capymoa_seed0", "GeometricMovingAverage", new GmaOptions { Profile = Profile.Moa }, "" },
        { "capymoa_seed0", "HDDM_A", new HddmAOptions { Profile = Profile.Moa, DriftConfidence = 1e-10, Direction = Direction.Both }, "" },
        { "capymoa_seed0", "HDDM_W", new HddmWOptions { Profile = Profile.Moa, Weight = 0.001 }, "" },
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
    public void No_published_row_is_left_out()
    {
        var rows = GoldenData.Rows("golden/expected.csv").Where(row => row["status"] == "reproduced");

        Assert.Equal(rows.Select(row => (row["stream"], row["detector"])).Order(), Published.Select(row => ((string)row[0], (string)row[1])).Order());
        output.WriteLine($"published: {Published.Count} rows, none left out");
    }

    [Fact]
    public void A_random_detector_finds_what_the_published_ones_find()
    {
        foreach (var row in GoldenData.Rows("golden/expected.csv").Where(row => row["status"] == "random"))
        {
            Assert.Equal("KSWIN", row["detector"]);
            var drifts = GoldenData.Stream(row["stream"]).DriftsOf(new KswinOptions { Window = 200, Newest = 100 }.Create());

            Assert.InRange(drifts[0], 1_000, 1_100);
        }
    }

    [Theory]
    [InlineData("ADWIN")]
    [InlineData("DDM")]
    [InlineData("ECDD")]
    [InlineData("EDDM")]
    [InlineData("STEPD")]
    public void MOA_2021_07_is_matched_on_15_seeds_of_two_streams(string detector)
    {
        var rows = GoldenData.Rows("moa-reference/detections.csv").Where(row => row["detector"] == detector).ToList();
        Assert.Equal(30, rows.Select(row => (row["stream"], row["seed"])).Distinct().Count());
        Compare($"MOA 2021.07 {detector}", rows, 30, "detections_index0", Moa, row => GoldenData.Stream($"{row["stream"]}_seed{row["seed"]}"));
    }

    [Theory]
    [InlineData("ADWIN", 2)]
    [InlineData("DDM", 2)]
    [InlineData("ECDD", 2)]
    public void MOA_2021_07_is_matched_on_real_values(string detector, int rowCount)
    {
        var rows = GoldenData.Rows("moa-reference/detections_nonbinary.csv").Where(row => row["detector"] == detector).ToList();
        Compare(
            $"MOA 2021.07 {detector}, real values", rows, rowCount, "detections_index0", Moa,
            row => GoldenData.Column($"moa-reference/{row["stream"].Replace("nonbinary", "binary", StringComparison.Ordinal)}.csv.gz", "p"));
    }

    [Theory]
    [InlineData("MOA", "ADWINChangeDetector", 66)]
    [InlineData("MOA", "ADWIN (core class)", 44)]
    [InlineData("MOA", "DDM", 16)]
    [InlineData("MOA", "EDDM", 16)]
    [InlineData("MOA", "RDDM", 16)]
    [InlineData("MOA", "EWMAChartDM", 32)]
    [InlineData("MOA", "STEPD", 16)]
    [InlineData("MOA", "HDDM_A_Test", 66)]
    [InlineData("MOA", "HDDM_W_Test", 22)]
    [InlineData("MOA", "PageHinkleyDM", 44)]
    [InlineData("MOA", "CusumDM", 66)]
    [InlineData("MOA", "GeometricMovingAverageDM", 44)]
    [InlineData("River", "ADWIN", 28)]
    [InlineData("River", "DDM", 8)]
    [InlineData("River", "EDDM", 8)]
    [InlineData("River", "HDDM_A", 16)]
    [InlineData("River", "HDDM_W", 15)]
    [InlineData("River", "FHDDM", 8)]
    [InlineData("River", "PageHinkley", 42)]
    public void Current_releases_are_matched(string source, string detector, int rowCount)
    {
        var rows = GoldenData.Rows("golden-moa/positions.csv.gz").Where(row => row["source"] == source && row["detector"] == detector).ToList();
        var known = rows.Find(row => detector == "HDDM_W" && row["stream"] == "skm_seed1_b" && row["parameters"].EndsWith("two-sided", StringComparison.Ordinal));
        if (known is not null)
        {
            // the one position that no reading of the paper gives: River begins anew somewhere between the last two changes and reports nothing there
            Assert.Equal("518 1049 1398 1519", known["drift_positions"]);
            Assert.Equal([518, 1049, 1398, 1520], GoldenData.Stream(known["stream"]).DriftsOf(Options(known).Create()));
            output.WriteLine("River HDDM_W two-sided on skm_seed1_b: one position 1520, River 1519");
            rows.Remove(known);
        }

        Compare($"{source} {detector}", rows, rowCount, "drift_positions", Options, static row => GoldenData.Stream(row["stream"]));
    }

    private static DetectorOptions Moa(Dictionary<string, string> row) => DetectorSpec.Parse(row["detector"].ToLowerInvariant(), Profile.Moa).Options;

    private static DetectorOptions Options(Dictionary<string, string> row)
    {
        var profile = row["source"] == "MOA" ? Profile.Moa : Profile.River;
        var parameters = row["parameters"];
        var values = parameters.Split(';').Select(static part => part.Split('=')).Where(static pair => pair.Length == 2).ToDictionary(static pair => pair[0], static pair => pair[1]);
        double Number(string name) => double.Parse(values[name], CultureInfo.InvariantCulture);
        var direction = parameters.Contains("two-sided", StringComparison.Ordinal) || values.GetValueOrDefault("mode") == "both" ? Direction.Both : Direction.Up;
        return row["detector"] switch
        {
            "ADWIN (core class)" => new AdwinOptions
            {
                Delta = Number("delta"),
                OnDrift = parameters.Contains("restarted", StringComparison.Ordinal) ? AfterDrift.Reset : AfterDrift.Shrink,
            },
            "ADWINChangeDetector" or "ADWIN" => new AdwinOptions { Delta = Number("delta"), Profile = profile },
            "DDM" => new DdmOptions { Profile = profile },
            "EDDM" => new EddmOptions { Profile = profile },
            "RDDM" => new RddmOptions { Profile = profile },
            "EWMAChartDM" => new EcddOptions { Profile = profile, Weight = Number("lambda") },
            "STEPD" => new StepdOptions { Profile = profile },

            // River's takes 1 for right
            "FHDDM" => new FhddmOptions { Profile = profile, Direction = Direction.Down },
            "CusumDM" => new CusumOptions { Profile = profile, Threshold = Number("lambda") },
            "GeometricMovingAverageDM" => new GmaOptions { Profile = profile, Threshold = Number("lambda"), Forgetting = Number("alpha") },
            "HDDM_A" or "HDDM_A_Test" => new HddmAOptions { Profile = profile, Direction = direction, DriftConfidence = Number("drift"), WarningConfidence = Number("warning") },
            "HDDM_W" or "HDDM_W_Test" => new HddmWOptions { Profile = profile, Direction = direction, Weight = Number("lambda") },
            "PageHinkley" or "PageHinkleyDM" => new PageHinkleyOptions
            {
                Profile = profile,
                Threshold = Number(values.ContainsKey("lambda") ? "lambda" : "threshold"),
                Direction = direction,
            },
            var other => throw new InvalidOperationException($"no detector means {other}"),
        };
    }

    private void Compare(
        string what, List<Dictionary<string, string>> rows, int rowCount, string column, Func<Dictionary<string, string>, DetectorOptions> optionsOf,
        Func<Dictionary<string, string>, IEnumerable<double>> streamOf)
    {
        Assert.Equal(rowCount, rows.Count);
        var (positions, differences) = (0, new List<string>());
        foreach (var row in rows)
        {
            var expected = GoldenData.Positions(row[column]);
            var found = streamOf(row).DriftsOf(optionsOf(row).Create());
            positions += expected.Length;
            if (!expected.SequenceEqual(found))
            {
                differences.Add($"{row["stream"]} {row.GetValueOrDefault("parameters")}: expected {row[column]}, found {string.Join(' ', found)}");
            }
        }

        output.WriteLine($"{what}: {rows.Count} streams, {positions} positions, {differences.Count} differences");
        Assert.True(differences.Count == 0, $"{differences.Count} of {rows.Count}: {string.Join('\n', differences.Take(4))}");
    }
}
