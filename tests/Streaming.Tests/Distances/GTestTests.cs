using Streaming.Drift;

namespace Streaming.Tests;

public class GTestTests
{
    [Fact]
    public void It_is_twice_the_sum_of_observed_times_log_ratio()
    {
        long[] before = [10, 20, 0], after = [20, 5, 5];
        var sum = 0.0;
        for (var i = 0; i < 3; i++)
        {
            var both = before[i] + after[i];
            sum += before[i] == 0 ? 0 : before[i] * Math.Log(before[i] / (both / 2.0));
            sum += after[i] == 0 ? 0 : after[i] * Math.Log(after[i] / (both / 2.0));
        }

        Assert.Equal(2 * sum, GTest.OfCounts(before, after).Statistic, 1e-12);
        Assert.Equal(Math.Exp(-sum), GTest.OfCounts(before, after).PValue!.Value, 1e-12);
    }

    [Fact]
    public void Against_known_shares_it_is_twice_the_count_times_the_divergence()
    {
        Assert.Equal(2 * 100 * KullbackLeibler.OfShares([0.3, 0.7], [0.5, 0.5]), GTest.OfExpected([0.5, 0.5], [30, 70]).Statistic, 1e-10);
        Assert.Equal(double.PositiveInfinity, GTest.OfExpected([1, 0], [3, 1]).Statistic);
    }
}
