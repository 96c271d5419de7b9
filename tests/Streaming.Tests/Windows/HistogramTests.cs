using Streaming.Drift;

namespace Streaming.Tests;

public class HistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(4_096)]
    public void Vectors_count_as_the_scalar_twin_does_for_every_length(int bins)
    {
        foreach (var values in Samples.EveryLength())
        {
            var (expected, actual) = (new long[bins], new long[bins]);

            Assert.Equal(Histogram.AddScalar(values, expected), Histogram.Add(values, actual));
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(0.0999, 0)]
    [InlineData(0.5, 5)]
    [InlineData(0.999, 9)]
    [InlineData(1, 9)]
    [InlineData(7, 9)]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(double.PositiveInfinity, 9)]
    public void A_value_lies_in_its_bin_or_the_nearest(double u, int bin) => Assert.Equal(bin, Histogram.Index(u, 10));

    [Fact]
    public void Missing_values_are_returned_and_not_counted()
    {
        var counts = new long[4];

        Assert.Equal(2, Histogram.Add([double.NaN, 0.3, 0.3, 0.9, double.NaN], counts));
        Assert.Equal([0, 2, 0, 1], counts);
    }

    [Fact]
    public void No_bins_or_too_many_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Histogram.Add([0.5], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Histogram.Add([0.5], new long[Histogram.MaxBins + 1]));
    }
}
