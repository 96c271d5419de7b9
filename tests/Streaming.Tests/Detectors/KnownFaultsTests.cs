using System.Buffers;
using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>Faults that other implementations have or had: that ours have none of them.</summary>
public class KnownFaultsTests
{
    public static TheoryData<string> Detectors => new(DetectorSpec.Names.Except(["always", "never", "periodic"]));

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Detectors_side_by_side_share_nothing(string name)
    {
        var (alone, one, other) = (Create(name), Create(name), Create(name));
        foreach (var (value, odd) in Streams.Bernoulli(1, (1_000, 0.2), (1_000, 0.7)).Zip(Streams.Bernoulli(2, (2_000, 0.5))))
        {
            var level = alone.Update(value);
            other.Update(odd);
            Assert.Equal(level, one.Update(value));
            Assert.Equal(alone.Evidence, one.Evidence);
        }
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void No_detector_remembers_more_the_longer_it_runs(string name)
    {
        var detector = Create(name);
        var sizes = new List<int>();
        foreach (var value in Streams.Regular((16_000, 0.2)))
        {
            detector.Update(value);
            sizes.Add(sizes.Count % 20 == 0 ? Size(detector) : 0);
        }

        // ADWIN's rows grow with the logarithm of the window
        Assert.InRange(sizes[8_000..].Max(), 1, sizes[..8_000].Max() + 300);
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void A_drift_is_not_reported_again_at_the_next_value(string name)
    {
        // bits are no normal values: runs of equal ones have no spread
        var (detector, before, drifts) = (Create(name == "bocd" ? "bocd:model=bernoulli" : name), DriftLevel.Learning, 0);
        foreach (var value in Streams.Bernoulli(5, (3_000, 0.1), (1_000, 0.9), (1_000, 0.1)))
        {
            var level = detector.Update(value);
            drifts += level == DriftLevel.Drift ? 1 : 0;
            Assert.False(level == DriftLevel.Drift && before == DriftLevel.Drift);
            before = level;
        }

        Assert.True(drifts > 0 || name == "gma", "no drift");
    }

    [Theory]
    [InlineData("hddm-a:direction=both")]
    [InlineData("hddm-w:direction=both")]
    public void HDDM_reports_a_fall_where_both_directions_are_watched(string spec)
    {
        var (detector, directions) = (Create(spec), new List<Direction>());
        foreach (var value in Streams.Regular((1_000, 0.8), (1_000, 0.2)))
        {
            if (detector.Update(value) == DriftLevel.Drift)
            {
                directions.Add(detector.Evidence.Direction);
            }
        }

        Assert.NotEmpty(directions);
        Assert.All(directions, static direction => Assert.Equal(Direction.Down, direction));
    }

    [Theory]
    [InlineData("hddm-a:direction=both")]
    [InlineData("hddm-w:direction=both")]
    public void HDDM_in_both_directions_is_quiet_where_nothing_changes(string spec) => Assert.Empty(Streams.Regular((20_000, 0.3)).DriftsOf(Create(spec)));

    [Fact]
    public void STEPD_does_not_report_an_improvement_unless_asked_to()
    {
        var values = Streams.Regular((1_000, 0.8), (1_000, 0.2)).ToArray();

        Assert.Empty(values.DriftsOf(Create("stepd")));
        Assert.NotEmpty(values.DriftsOf(Create("stepd:direction=down")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void STEPD_with_nothing_but_right_or_wrong_values_has_a_statistic_and_finds_the_change(double value)
    {
        var detector = Create("stepd:direction=both");
        Assert.Empty(Enumerable.Repeat(value, 1_000).DriftsOf(detector));
        Assert.True(double.IsFinite(detector.Evidence.Statistic));

        Assert.InRange(Enumerable.Repeat(1 - value, 30).DriftsOf(detector)[0], 0, 29);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    [InlineData(0.4)]
    public void ECDD_has_the_run_length_one_asks_for_not_only_one(double rate)
    {
        var runs = ((int[])[100, 400, 1_000]).Select(length => 200_000.0 / Streams.Bernoulli(6, (200_000, rate)).DriftsOf(Create($"ecdd:runLength={length}")).Length).ToArray();

        // a concept's first 30 values cannot alarm, and a rate learnt from few values alarms sooner
        Assert.InRange(runs[0], 60, 250);
        Assert.InRange(runs[1], 150, 800);
        Assert.InRange(runs[2], 400, 2_000);
    }

    [Fact]
    public void RDDM_does_not_report_that_a_concept_has_grown_old() => Assert.Empty(Streams.Regular((100_000, 0.2)).DriftsOf(Create("rddm")));

    [Fact]
    public void KSWIN_keeps_only_the_newest_values_after_a_drift()
    {
        var drifts = Streams.Uniform(1, (500, 0), (500, 5)).DriftsOf(Create("kswin:sampling=none"));

        // with the old values kept, each of the next would be a drift again until the last of them has left
        Assert.InRange(Assert.Single(drifts), 505, 530);
    }

    [Theory]
    [InlineData("page-hinkley")]
    [InlineData("cusum")]
    [InlineData("cusum-tabular")]
    [InlineData("gma")]
    public void A_mean_of_zero_or_below_does_not_alarm(string name)
    {
        Assert.Empty(Streams.Uniform(2, (2_000, -0.5)).DriftsOf(Create(name)));
        Assert.Empty(Streams.Uniform(2, (2_000, -7)).DriftsOf(Create(name)));
    }

    [Fact]
    public void ADWIN_gives_few_false_alarms_on_stable_errors()
    {
        var alarms = Enumerable.Range(1, 20).Sum(seed => Streams.Bernoulli(seed, (10_000, 0.2)).DriftsOf(Create("adwin")).Length);

        // two hundred thousand values; a bound without the variance gave 90 in every ten thousand
        Assert.InRange(alarms, 0, 5);
    }

    [Theory]
    [InlineData("eddm")]
    [InlineData("ddm")]
    [InlineData("rddm")]
    [InlineData("hddm-a")]
    [InlineData("hddm-w")]
    [InlineData("stepd")]
    [InlineData("ecdd")]
    [InlineData("fhddm")]
    [InlineData("fhddms")]
    [InlineData("mddm-a")]
    public void One_is_wrong_for_every_detector_of_errors(string name)
    {
        Assert.NotEmpty(Streams.Regular((2_000, 0.1), (500, 0.9)).DriftsOf(Create(name)));
        Assert.Empty(Streams.Regular((2_000, 0.9), (100, 0.1)).DriftsOf(Create(name)));
    }

    private static IDriftDetector Create(string spec) => DetectorSpec.Parse(spec).Options.Create();

    private static int Size(IDriftDetector detector)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        detector.Save(ref writer);
        return bytes.WrittenCount;
    }
}
