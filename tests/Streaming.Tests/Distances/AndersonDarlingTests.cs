using Streaming.Drift;

namespace Streaming.Tests;

public class AndersonDarlingTests
{
    [Fact]
    public void It_is_equation_seven()
    {
        double[] x = [1, 2, 2, 5, 7, 7, 9], y = [2, 3, 7, 8, 8, 10, 11, 12, 12];
        var (all, total) = (x.Concat(y).ToArray(), 16.0);
        var expected = 0.0;
        foreach (var sample in (double[][])[x, y])
        {
            foreach (var z in all.Distinct())
            {
                var tied = all.Count(v => v == z);
                var below = all.Count(v => v < z) + tied / 2.0;
                var mine = sample.Count(v => v < z) + sample.Count(v => v == z) / 2.0;
                expected += tied / total * Math.Pow(total * mine - sample.Length * below, 2) / (below * (total - below) - total * tied / 4) / sample.Length;
            }
        }

        Assert.Equal((total - 1) / total * expected, AndersonDarling.OfSamples(new PreparedReference(x), y).Statistic, 1e-12);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(3, 6)]
    public void Over_all_orders_the_plain_form_has_mean_1_and_the_variance_of_equation_four(int n, int m)
    {
        // without ties and without midranks: equation 1 of the paper, whose moments equation 4 gives
        var (values, total) = (new List<double>(), n + m);
        for (var mask = 0; mask < 1 << total; mask++)
        {
            if (System.Numerics.BitOperations.PopCount((uint)mask) == n)
            {
                var sum = 0.0;
                for (var i = 1; i < total; i++)
                {
                    var mine = System.Numerics.BitOperations.PopCount((uint)mask & ((1u << i) - 1));
                    sum += Math.Pow(total * (double)mine - n * i, 2) / (i * (double)(total - i));
                }

                values.Add(sum * (1.0 / n + 1.0 / m) / total);
            }
        }

        Assert.Equal(1, values.Average(), 1e-12);
        Assert.Equal(values.Average(v => (v - 1) * (v - 1)), AndersonDarling.Variance(n, m), 1e-10);
    }
}
