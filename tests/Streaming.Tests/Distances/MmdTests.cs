using Streaming.Drift;

namespace Streaming.Tests;

public class MmdTests
{
    [Fact]
    public void It_is_the_sum_of_its_definition()
    {
        double[] x = Samples.Uniform(40, 1), y = [.. Samples.Uniform(34, 2).Select(v => v * 1.5)];
        const double s = 0.3;

        var expected = Within(x) + Within(y) - 2 * x.Average(a => y.Average(b => Kernel(a, b)));

        Assert.Equal(expected, Mmd.OfSamples(new PreparedReference(x), y, new MmdOptions { Bandwidth = s }).Statistic, 1e-12);

        double Within(double[] v) => v.Select((a, i) => v.Where((_, j) => j != i).Sum(b => Kernel(a, b))).Sum() / (v.Length * (v.Length - 1.0));

        static double Kernel(double a, double b) => Math.Exp(-(a - b) * (a - b) / (2 * s * s));
    }

    [Fact]
    public void Rows_with_a_hole_are_left_out_and_counted()
    {
        var options = new MmdOptions { Bandwidth = 1 };

        Assert.Equal(
            Mmd.OfRows([1, 2, 3, 4], [5, 6, 7, 8], 2, options) with { Ignored = 2 },
            Mmd.OfRows([1, 2, double.NaN, 0, 3, 4], [5, 6, 7, 8, 0, double.PositiveInfinity], 2, options));
        Assert.Equal(double.NaN, Mmd.OfRows([1, 2], [5, 6, 7, 8], 2).Statistic);
    }

    [Fact]
    public void The_p_value_is_the_bound_of_theorem_ten()
    {
        var found = Mmd.OfSamples(new PreparedReference([.. Enumerable.Repeat(0.0, 101)]), [.. Enumerable.Repeat(100.0, 60)], new MmdOptions { Bandwidth = 1 });

        Assert.Equal(2, found.Statistic, 1e-12);
        Assert.Equal(Math.Exp(-4 * 30 / 8.0), found.PValue!.Value, 1e-15);
    }

    [Fact]
    public void Features_come_near_the_kernel()
    {
        double[] x = Samples.Uniform(400, 1), y = [.. Samples.Uniform(300, 2).Select(v => v + 0.4)];
        var exact = Mmd.OfSamples(new PreparedReference(x), y).Statistic;

        Assert.Equal(exact, Mmd.OfSamples(new PreparedReference(x), y, new MmdOptions { Features = 8_192 }).Statistic, 0.02);
        Assert.InRange(exact, 0.1, 2);
    }

    [Fact]
    public void Without_a_width_the_median_distance_is_taken()
    {
        Assert.Equal(2, Mmd.MedianDistance([0, 1, 3], 1));
        Assert.Equal(5, Mmd.MedianDistance([0, 0, 3, 4], 2));
        Assert.Equal(1, Mmd.MedianDistance([7, 7, 7], 1));
    }
}
