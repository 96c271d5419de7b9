using Streaming.Drift;

namespace Streaming.Tests;

public class KuiperTests
{
    [Fact]
    public void Both_sides_add_up()
    {
        // the current values lie in the middle: above and below differ, and KS sees one of them only
        var reference = new PreparedReference([1, 2, 3, 4, 5, 6, 7, 8]);

        Assert.Equal(0.875, Kuiper.OfSamples(reference, [4.4, 4.5, 4.6, 5.5]).Statistic, 1e-12);
        Assert.Equal(0.5, KolmogorovSmirnov.OfSamples(reference, [4.4, 4.5, 4.6, 5.5]).Statistic, 1e-12);
    }

    // 1.747 and 2.001 are the points of Stephens's table for 5 % and 1 %
    [Theory]
    [InlineData(1.747, 0.05)]
    [InlineData(2.001, 0.01)]
    public void The_law_has_the_points_of_the_table(double lambda, double expected)
    {
        const double n = 400;

        Assert.Equal(1, Kuiper.Tail(n, lambda / (Math.Sqrt(n) + 0.155 + 0.24 / Math.Sqrt(n))) / expected, 0.01);
    }

    [Fact]
    public void Counts_are_compared_at_the_ends_of_bins() => Assert.Equal(0.5, Kuiper.OfCounts([0.25, 0.25, 0.25, 0.25], [0, 5, 5, 0]), 1e-12);
}
