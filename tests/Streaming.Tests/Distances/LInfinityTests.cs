using Streaming.Drift;

namespace Streaming.Tests;

public class LInfinityTests
{
    [Fact]
    public void It_is_the_greatest_difference_of_a_share()
    {
        Assert.Equal(0.5, LInfinity.OfShares([0.25, 0.5, 0.25], [0.5, 0, 0.5]));
        Assert.Equal(0.25, LInfinity.OfCounts([4, 4, 0], [1, 2, 1]).Statistic);
    }
}
