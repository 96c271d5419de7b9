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
    public void A_long_quiet_time_does_not_delay_the_alarm()
    {
        (int, double)[] parts = [(200_000, 0.2), (2_000, 0.5)];

        var ours = Streams.Bernoulli(3, parts).DriftsOf(new PageHinkleyOptions().Create())[0];
        var moa = Streams.Bernoulli(3, parts).DriftsOf(new PageHinkleyOptions { Profile = Profile.Moa }.Create())[0];

        Assert.InRange(ours, 200_000, 200_250);
        Assert.True(moa > ours + 100, $"MOA's unfloored sum needs {moa - 200_000} values, ours {ours - 200_000}");
    }

    [Fact]
    public void The_change_is_dated_from_where_the_sum_began_to_rise()
    {
        var detector = new PageHinkleyOptions().Create();
        foreach (var (value, i) in Streams.Bernoulli(7, (2_000, 0.2), (1_000, 0.8)).Select((value, i) => (value, i)))
        {
            if (detector.Update(value) == DriftLevel.Drift)
            {
                Assert.InRange(i + 1 - detector.Evidence.ChangeAge, 1_900, 2_020);
                Assert.InRange(detector.Evidence.After, 0.6, 0.95);
                return;
            }
        }

        Assert.Fail("no drift");
    }
}
