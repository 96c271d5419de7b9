using Streaming.Drift;

namespace Streaming.Tests;

public class DdmTests
{
    [Fact]
    public void A_rise_of_the_error_rate_warns_and_then_drifts()
    {
        var detector = new DdmOptions().Create();
        var levels = Streams.Bernoulli(7, (2_000, 0.2), (1_000, 0.6)).Select(detector.Update).ToList();

        var (warning, drift) = (levels.IndexOf(DriftLevel.Warning, 1_500), levels.IndexOf(DriftLevel.Drift));
        Assert.InRange(drift, 2_000, 2_150);
        Assert.InRange(warning, 1_500, drift - 1);
    }

    [Fact]
    public void The_change_is_dated_from_the_warning_that_led_to_it()
    {
        var detector = new DdmOptions().Create();
        var warned = -1;
        foreach (var (value, i) in Streams.Bernoulli(7, (2_000, 0.2), (1_000, 0.6)).Select((value, i) => (value, i)))
        {
            var level = detector.Update(value);
            warned = level == DriftLevel.Stable ? -1 : level == DriftLevel.Warning && warned < 0 ? i : warned;
            if (level == DriftLevel.Drift)
            {
                Assert.Equal(warned, i + 1 - detector.Evidence.ChangeAge);
                Assert.InRange(detector.Evidence.Before, 0.15, 0.25);
                Assert.InRange(detector.Evidence.After, 0.4, 0.8);
                return;
            }
        }

        Assert.Fail("no drift");
    }

    [Theory]
    [InlineData(Profile.Default)]
    [InlineData(Profile.Moa)]
    [InlineData(Profile.River)]
    public void A_constant_stream_of_ones_is_no_drift(Profile profile) =>
        Assert.Empty(Enumerable.Repeat(1.0, 5_000).DriftsOf(new DdmOptions { Profile = profile }.Create()));

    [Theory]
    [InlineData(Profile.Moa, 29)]
    [InlineData(Profile.River, 30)]
    public void The_first_possible_drift_depends_on_the_profile(Profile profile, int index)
    {
        // right 28 times, then wrong: the best rate is noted at zero as early as the profile allows
        var detector = new DdmOptions { Profile = profile }.Create();
        var levels = Enumerable.Range(0, 60).Select(i => detector.Update(i < index ? 0 : 1)).ToList();

        Assert.True(levels.FindIndex(level => level == DriftLevel.Drift) >= index);
        Assert.Equal(DriftLevel.Learning, levels[27]);
    }

    [Fact]
    public void Only_rises_can_be_asked_for()
    {
        var error = Assert.ThrowsAny<Exception>(() => new DdmOptions { Direction = Direction.Both }.Create());
        Assert.Contains("DDM sees rises only", error.Message, StringComparison.Ordinal);
    }
}
