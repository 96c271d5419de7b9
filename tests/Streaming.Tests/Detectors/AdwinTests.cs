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

    [Theory]
    [InlineData(1e200)]
    [InlineData(-1e308)]
    public void A_value_whose_square_is_no_number_blinds_no_longer_than_to_the_next_look(double absurd)
    {
        var values = Streams.Bernoulli(7, (2_000, 0.1)).Append(absurd).Concat(Streams.Bernoulli(8, (20_000, 0.1), (5_000, 0.9)));

        Assert.InRange(values.DriftsOf(new AdwinOptions().Create())[0], 22_000, 22_200);
    }

    [Theory]
    [InlineData(1e6)]
    [InlineData(1e9)]
    [InlineData(1e15)]
    public void Large_values_that_were_dropped_leave_no_rounding_errors_behind(double large)
    {
        var values = Enumerable.Repeat(large, 2_048).Concat(Streams.Bernoulli(8, (20_000, 0.1), (5_000, 0.9))).ToArray();

        var detector = new AdwinOptions().Create();
        var fresh = new AdwinOptions().Create();
        var levels = values.Select(detector.Update).ToArray()[2_112..];
        var expected = values[2_048..].Select(fresh.Update).ToArray()[64..];

        Assert.Contains(DriftLevel.Drift, expected);
        Assert.Equal(expected, levels);
    }

    [Fact]
    public void The_variance_never_falls_below_zero_on_a_constant_stream() =>
        Assert.Empty(Enumerable.Repeat(0.1, 100_000).DriftsOf(new AdwinOptions().Create()));
}
