using Streaming.Drift;

namespace Streaming.Tests;

public class SortedSampleTests
{
    [Fact]
    public void What_is_no_number_is_left_out_and_counted()
    {
        var sample = new SortedSample([3, double.NaN, 1, double.PositiveInfinity, 2]);

        Assert.Equal([1, 2, 3], sample.Values.ToArray());
        Assert.Equal((3, 2), (sample.Count, sample.Ignored));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 1.75)]
    [InlineData(0.5, 3)]
    [InlineData(0.9, 8.2)]
    [InlineData(1, 10)]
    public void Quantiles_are_those_of_numpy(double share, double expected) =>
        Assert.Equal(expected, new SortedSample([10, 4, 1, 2]).Quantile(share), 1e-12);

    [Fact]
    public void An_edge_belongs_to_the_bin_above_it()
    {
        var counts = new long[3];
        new SortedSample([0, 1, 1, 2, 5]).CountInto([1, 3], counts);

        Assert.Equal([1, 3, 1], counts);
    }
}
