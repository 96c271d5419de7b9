using Streaming.Drift;

namespace Streaming.Tests;

public class FhddmsTests
{
    [Fact]
    public void A_rise_of_the_rate_is_found_soon_for_every_seed()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var drifts = Streams.Bernoulli(seed, (2_000, 0.2), (1_000, 0.8)).DriftsOf(new FhddmsOptions().Create());

            Assert.Contains(drifts, static drift => drift is >= 2_000 and < 2200);
        }
    }

    [Fact]
    public void A_steady_rate_gives_few_alarms()
    {
        var alarms = Streams.Bernoulli(3, (50_000, 0.2)).DriftsOf(new FhddmsOptions().Create()).Length;

        Assert.InRange(alarms, 0, 5);
    }
}
