using Streaming.Drift;

namespace Streaming.Tests;

public class PageHinkleyTests
{
    [Fact]
    public void A_rise_is_reported_once_and_soon()
    {
        var drifts = Streams.Bernoulli(7, (1_000, 0.2), (1_000, 0.8)).DriftsOf(new PageHinkleyOptions().Create());

        Assert.InRange(Assert.Single(drifts), 1_000, 1_150);
    }

    [Fact]
    public void A_fall_is_reported_where_falls_are_watched_and_only_there()
    {
        (int, double)[] parts = [(1_000, 0.8), (1_000, 0.2)];

        Assert.Single(Streams.Bernoulli(7, parts).DriftsOf(new PageHinkleyOptions { Direction = Direction.Down }.Create()));
        Assert.Empty(Streams.Bernoulli(7, parts).DriftsOf(new PageHinkleyOptions().Create()));
    }

    [Fact]
    public void A_long_quiet_time_does_not_delay_the_alarm_unless_MOA_is_followed()
    {
        var values = Streams.Regular((100_000, 0.2), (1_000, 0.5)).ToArray();

        var ours = Assert.Single(values.DriftsOf(new PageHinkleyOptions().Create()));
        var river = Assert.Single(values.DriftsOf(new PageHinkleyOptions { Profile = Profile.River }.Create()));
        var moa = Assert.Single(values.DriftsOf(new PageHinkleyOptions { Profile = Profile.Moa }.Create()));

        // 50 / (0.3 − 0.005) = 170 values; MOA's sum has sunk to −0.005 / (1 − 0.9999) = −50 and needs twice as many
        Assert.InRange(ours, 100_160, 100_180);
        Assert.InRange(river, 100_160, 100_180);
        Assert.InRange(moa, 100_330, 100_350);
    }

    [Fact]
    public void The_evidence_is_of_the_direction_that_is_watched()
    {
        var detector = new PageHinkleyOptions { Profile = Profile.Moa, Direction = Direction.Down }.Create();
        foreach (var value in Streams.Regular((1_000, 0.2)))
        {
            detector.Update(value);
        }

        // MOA's sum sinks by the tolerance with every value
        Assert.InRange(detector.Evidence.Statistic, -8, -2);
    }

    [Theory]
    [InlineData(Profile.Default)]
    [InlineData(Profile.River)]
    public void The_change_is_dated_from_where_the_sum_began_to_rise(Profile profile)
    {
        var (detector, values) = (new PageHinkleyOptions { Profile = profile }.Create(), Streams.Regular((2_000, 0.2), (1_000, 0.8)).ToArray());
        var drift = Array.FindIndex(values, value => detector.Update(value) == DriftLevel.Drift);

        Assert.InRange(drift + 1 - detector.Evidence.ChangeAge, 1_995, 2_005);
        Assert.Equal(0.2, detector.Evidence.Before, 0.01);
        Assert.Equal(0.8, detector.Evidence.After, 0.02);
        Assert.Equal(Direction.Up, detector.Evidence.Direction);
    }

    [Fact]
    public void A_tolerance_beside_the_noise_dates_a_random_change_to_within_100_values()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var detector = new PageHinkleyOptions { Tolerance = 0.1 }.Create();
            var values = Streams.Bernoulli(seed, (2_000, 0.2), (1_000, 0.8)).ToArray();
            var drift = Array.FindIndex(values, value => detector.Update(value) == DriftLevel.Drift);

            Assert.InRange(drift, 2_050, 2_200);
            Assert.InRange(drift + 1 - detector.Evidence.ChangeAge, 1_900, 2_020);
        }
    }
}
