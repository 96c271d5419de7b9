using Streaming.Drift;

namespace Streaming.Tests;

public class EwmaTests
{
    [Fact]
    public void A_rise_of_the_rate_is_found_soon_for_every_seed()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var drifts = Streams.Bernoulli(seed, (2_000, 0.2), (1_000, 0.8)).DriftsOf(new EwmaOptions().Create());

            Assert.Contains(drifts, static drift => drift is >= 2_000 and < 2200);
        }
    }

    [Fact]
    public void A_fall_is_found_where_falls_are_watched()
    {
        var drifts = Streams.Bernoulli(2, (2_000, 0.8), (1_000, 0.2)).DriftsOf(new EwmaOptions().Create());

        Assert.Contains(drifts, static drift => drift is >= 2_000 and < 2_400);
    }

    [Fact]
    public void A_steady_rate_gives_few_alarms()
    {
        var alarms = Streams.Bernoulli(3, (50_000, 0.2)).DriftsOf(new EwmaOptions().Create()).Length;

        Assert.InRange(alarms, 0, 100);
    }
}
