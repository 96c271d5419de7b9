using Streaming.Drift;

namespace Streaming.Tests;

public class CramerVonMisesTests
{
    [Fact]
    public void Without_ties_it_is_the_sum_over_ranks()
    {
        double[] x = Samples.Uniform(30, 1), y = [.. Samples.Uniform(20, 2).Select(v => v + 0.1)];
        var pooled = x.Concat(y).Order().ToArray();
        double n = 30, m = 20, total = 50;
        var u = n * x.Order().Select((v, i) => Math.Pow(Array.IndexOf(pooled, v) - i, 2)).Sum() + m * y.Order().Select((v, i) => Math.Pow(Array.IndexOf(pooled, v) - i, 2)).Sum();

        // Anderson 1962, equation 10
        Assert.Equal(u / (n * m * total) - (4 * n * m - 1) / (6 * total), CramerVonMises.OfSamples(new PreparedReference(x), y).Statistic, 1e-12);
    }
}
