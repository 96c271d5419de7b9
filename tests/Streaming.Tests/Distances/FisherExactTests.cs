using Streaming.Drift;

namespace Streaming.Tests;

public class FisherExactTests
{
    // the tea of Fisher's lady; the whales of SciPy's documentation; an unequal pair by hand: 1 / C(6, 2)
    [Theory]
    [InlineData(3, 4, 1, 4, 0.4857142857142857)]
    [InlineData(8, 10, 1, 6, 0.03496503496503495)]
    [InlineData(0, 4, 2, 2, 1.0 / 15)]
    public void The_p_value_is_the_known_one(long before, long n, long after, long m, double expected) =>
        Assert.Equal(expected, FisherExact.OfCounts(new Proportions(before, n, after, m)).PValue!.Value, 1e-12);

    [Fact]
    public void It_holds_for_great_counts_and_agrees_with_the_limit()
    {
        var counts = new Proportions(250_000, 1_000_000, 251_200, 1_000_000);

        Assert.Equal(1, FisherExact.OfCounts(counts).PValue!.Value / ZTest.OfCounts(counts).PValue!.Value, 0.01);
        Assert.Equal(0.0012, FisherExact.OfCounts(counts).Statistic, 1e-12);
        Assert.Equal(0, FisherExact.OfCounts(new Proportions(0, 1_000_000, 1_000_000, 1_000_000)).PValue);
    }

    [Fact]
    public void All_or_none_is_no_evidence() => Assert.Equal(new DistanceResult("fisher", 0, 1), FisherExact.OfCounts(new Proportions(5, 5, 9, 9)));
}
