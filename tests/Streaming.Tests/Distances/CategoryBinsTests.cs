using Streaming.Drift;

namespace Streaming.Tests;

public class CategoryBinsTests
{
    [Fact]
    public void An_unseen_category_is_a_bin_of_its_own_and_the_rests_are_one()
    {
        var (reference, current) = (new CategoryCounts(), new CategoryCounts());
        foreach (var (counts, key, count) in ((CategoryCounts, ulong, long)[])[(reference, 1, 5), (reference, 2, 9), (current, 2, 3), (current, 7, 4)])
        {
            counts.Add(key, count);
        }

        reference.AddRest(2);
        var (before, after) = CategoryBins.Of(reference, current);

        Assert.Equal([9, 5, 0, 2], before);
        Assert.Equal([3, 0, 4, 0], after);
        Assert.Equal(4 / 7.0, LInfinity.OfCounts(before, after).Statistic);
    }
}
