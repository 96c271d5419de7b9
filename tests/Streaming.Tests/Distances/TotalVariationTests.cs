using Streaming.Drift;

namespace Streaming.Tests;

public class TotalVariationTests
{
    [Fact]
    public void It_is_the_share_that_must_move()
    {
        Assert.Equal(0.25, TotalVariation.OfShares([0.5, 0.5, 0], [0.25, 0.5, 0.25]));
        Assert.Equal(0.25, TotalVariation.OfCounts([2, 2, 0], [1, 2, 1]).Statistic);
        Assert.Equal(1, TotalVariation.OfCounts([2, 0], [0, 1]).Statistic);
    }
}
