using Streaming.Drift;

namespace Streaming.Tests;

public class ElementPageHinkleyTests
{
    [Fact]
    public void A_rise_of_the_mean_is_found()
    {
        var drifts = Streams.Uniform(3, (51_200, 0), (51_200, 0.2)).Elements(256).DriftsOf(new ElementPageHinkley(new()));

        Assert.InRange(drifts[0], 200, 206);
    }

    [Fact]
    public void A_fall_is_reported_where_falls_are_watched_and_only_there()
    {
        (int, double)[] parts = [(51_200, 0.2), (51_200, 0)];

        Assert.NotEmpty(Streams.Uniform(3, parts).Elements(256).DriftsOf(new ElementPageHinkley(new() { Direction = Direction.Down })));
        Assert.Empty(Streams.Uniform(3, parts).Elements(256).DriftsOf(new ElementPageHinkley(new())));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void A_steady_stream_raises_at_most_one_alarm_per_million(double memory)
    {
        var alarms = Enumerable.Range(1, 2).Sum(seed =>
            Streams.Sticky(seed, 500_000, memory).Elements(256).DriftsOf(new ElementPageHinkley(new())).Length);

        Assert.InRange(alarms, 0, 1);
    }
}
