using Streaming.Drift;

namespace Streaming.Tests;

public class KullbackLeiblerTests
{
    [Fact]
    public void It_is_the_sum_of_its_definition_and_not_symmetric()
    {
        var expected = 0.5 * Math.Log(0.5 / 0.9) + 0.5 * Math.Log(0.5 / 0.1);

        Assert.Equal(expected, KullbackLeibler.OfCounts([5, 5], [9, 1]).Statistic, 1e-12);
        Assert.NotEqual(expected, KullbackLeibler.OfCounts([9, 1], [5, 5]).Statistic, 1e-3);
    }

    [Fact]
    public void An_unseen_category_is_great_and_finite() =>
        Assert.Equal(0.5 * Math.Log(0.5) + 0.5 * Math.Log(0.5 / 1e-4), KullbackLeibler.OfCounts([5, 5], [3, 0]).Statistic, 1e-12);

    [Fact]
    public void Half_of_the_stability_index_is_the_mean_of_both_directions()
    {
        long[] before = [30, 50, 20], after = [10, 60, 30];

        Assert.Equal(
            Psi.OfCounts(before, after).Statistic, KullbackLeibler.OfCounts(before, after).Statistic + KullbackLeibler.OfCounts(after, before).Statistic, 1e-12);
    }
}
