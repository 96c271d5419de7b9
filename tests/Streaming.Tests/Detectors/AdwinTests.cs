using Streaming.Drift;

namespace Streaming.Tests;

public class AdwinTests
{
    [Fact]
    public void A_rise_of_the_error_rate_is_found_soon_and_the_change_dated()
    {
        var detector = new AdwinOptions().Create();
        var (found, age) = (-1, 0L);
        foreach (var (value, i) in Streams.Bernoulli(7, (3_000, 0.1), (1_000, 0.5)).Select((value, i) => (value, i)))
        {
            if (detector.Update(value) == DriftLevel.Drift)
            {
                (found, age) = (i, detector.Evidence.ChangeAge);
                break;
            }
        }

        Assert.InRange(found, 3_000, 3_128);
        Assert.InRange(found + 1 - age, 2_900, 3_064);
        Assert.Equal(Direction.Up, detector.Evidence.Direction);
        Assert.True(detector.Evidence.Statistic > detector.Evidence.Threshold);
        Assert.InRange(detector.Evidence.Before, 0.05, 0.15);
    }

    [Fact]
    public void A_steady_stream_is_not_reported() =>
        Assert.Empty(Streams.Bernoulli(7, (100_000, 0.2)).DriftsOf(new AdwinOptions().Create()));

    [Fact]
    public void A_fall_is_reported_where_falls_are_watched_and_only_there()
    {
        (int, double)[] parts = [(3_000, 0.5), (1_000, 0.1)];

        Assert.NotEmpty(Streams.Bernoulli(7, parts).DriftsOf(new AdwinOptions { Direction = Direction.Down }.Create()));
        Assert.Empty(Streams.Bernoulli(7, parts).DriftsOf(new AdwinOptions { Direction = Direction.Up }.Create()));
        Assert.Empty(Streams.Bernoulli(7, parts).DriftsOf(new AdwinOptions { Profile = Profile.Moa }.Create()));
    }

    [Fact]
    public void The_variance_never_falls_below_zero_on_a_constant_stream() =>
        Assert.Empty(Enumerable.Repeat(0.1, 100_000).DriftsOf(new AdwinOptions().Create()));
}
