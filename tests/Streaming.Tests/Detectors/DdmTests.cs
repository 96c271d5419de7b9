using Streaming.Drift;

namespace Streaming.Tests;

public class DdmTests
{
    [Fact]
    public void A_rise_of_the_error_rate_warns_and_then_drifts()
    {
        var levels = Streams.Regular((2_000, 0.2), (1_000, 0.6)).Select(new DdmOptions().Create().Update).ToList();

        var (warning, drift) = (levels.IndexOf(DriftLevel.Warning), levels.IndexOf(DriftLevel.Drift));
        Assert.InRange(warning, 2_000, drift - 1);
        Assert.InRange(drift, 2_010, 2_150);
    }

    /// <remarks>The least rate is a minimum over all values, so chance alone passes three deviations now and then: the paper's method, not ours.</remarks>
    [Fact]
    public void A_rise_is_found_for_every_seed_and_what_came_before_it_by_chance_is_counted()
    {
        var byChance = 0;
        for (var seed = 1; seed <= 20; seed++)
        {
            var drifts = Streams.Bernoulli(seed, (2_000, 0.2), (1_000, 0.6)).DriftsOf(new DdmOptions().Create());

            byChance += drifts.Count(drift => drift < 2_000);
            Assert.Contains(drifts, drift => drift is >= 2_000 and < 2_500);
        }

        Assert.InRange(byChance, 1, 20);
    }

    [Fact]
    public void The_change_is_dated_from_the_warning_that_led_to_it()
    {
        var (detector, values) = (new DdmOptions().Create(), Streams.Regular((2_000, 0.2), (1_000, 0.6)).ToArray());
        var levels = values.Select(detector.Update).TakeWhile(level => level != DriftLevel.Drift).ToList();

        var warned = levels.FindLastIndex(level => level != DriftLevel.Warning) + 1;
        Assert.Equal(warned, levels.Count + 1 - detector.Evidence.ChangeAge);
        Assert.InRange(warned, 2_000, 2_100);
        Assert.Equal(0.2, detector.Evidence.Before, 0.02);
        Assert.Equal(0.6, detector.Evidence.After, 0.05);
    }

    [Theory]
    [InlineData(Profile.Default)]
    [InlineData(Profile.Moa)]
    [InlineData(Profile.River)]
    public void A_constant_stream_of_ones_is_no_drift(Profile profile) =>
        Assert.Empty(Enumerable.Repeat(1.0, 5_000).DriftsOf(new DdmOptions { Profile = profile }.Create()));

    [Theory]
    [InlineData(Profile.Default, 29)]
    [InlineData(Profile.Moa, 29)]
    [InlineData(Profile.River, 31)]
    public void The_first_possible_drift_depends_on_the_profile(Profile profile, int index)
    {
        // after nothing but zeros the least rate is 0 and any error passes it; an error that comes sooner is part of the least rate
        Assert.Equal([index], Enumerable.Range(0, 32).Select(i => i == index ? 1.0 : 0).DriftsOf(new DdmOptions { Profile = profile }.Create()));
        Assert.Empty(Enumerable.Range(0, 32).Select(i => i == index - 1 ? 1.0 : 0).DriftsOf(new DdmOptions { Profile = profile }.Create()));
    }

    [Fact]
    public void Only_rises_can_be_asked_for()
    {
        var error = Assert.ThrowsAny<Exception>(() => new DdmOptions { Direction = Direction.Both }.Create());
        Assert.Contains("DDM sees rises only", error.Message, StringComparison.Ordinal);
    }
}
