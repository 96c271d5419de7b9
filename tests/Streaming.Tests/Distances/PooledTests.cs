using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class PooledTests
{
    [Property]
    public void Each_distinct_value_is_one_stop_with_the_counts_up_to_it(byte[] first, byte[] second)
    {
        double[] a = [.. first.Select(x => x % 7.0).Order()], b = [.. second.Select(x => x % 5.0).Order()];
        var pooled = new Pooled(a, b);
        foreach (var value in a.Concat(b).Distinct().Order())
        {
            Assert.True(pooled.Next());
            Assert.Equal(value, pooled.Value);
            Assert.Equal((a.Count(x => x == value), b.Count(x => x == value)), (pooled.InFirst, pooled.InSecond));
            Assert.Equal((a.Count(x => x <= value), b.Count(x => x <= value)), (pooled.First, pooled.Second));
        }

        Assert.False(pooled.Next());
    }
}
