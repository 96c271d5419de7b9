using Streaming.Drift;

namespace Streaming.Tests;

public class HellingerTests
{
    [Fact]
    public void Equal_bins_give_the_published_distance()
    {
        var row = Assert.Single(ReferenceValues.Of("hellinger_20_equal_bins"));
        var (reference, current) = ReferenceValues.Samples((string)row[0]);
        var found = Hellinger.OfSamples(new PreparedReference(reference), current, new BinOptions { Bins = 20, Binning = Binning.Equal });

        Assert.Equal(1, found.Statistic / (double)row[1], 1e-9);
    }

    [Fact]
    public void Counts_give_the_distance_of_their_shares_and_an_unseen_category_needs_no_floor()
    {
        Assert.Equal(Math.Sqrt(1 - Math.Sqrt(0.5 * 0.25) - Math.Sqrt(0.5 * 0.5)), Hellinger.OfCounts([2, 2, 0], [1, 2, 1]).Statistic, 1e-12);
        Assert.Equal(1, Hellinger.OfCounts([5, 0], [0, 9]).Statistic);
    }
}
