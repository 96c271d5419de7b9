using Streaming.Monitoring;

namespace Streaming.Tests;

public class LearningRuleTests
{
    [Fact]
    public void Blocks_of_independent_categories_do_not_lie_apart() =>
        Assert.InRange(LearningRule.BlockContingency(Cells(swing: 0), 2), -0.003, 0.003);

    [Fact]
    public void Blocks_of_a_daily_cycle_lie_apart_by_the_mean_of_its_square()
    {
        // the share moves by 0.2 cos: (0.2² / 2) / 0.5 for each of two cells
        Assert.InRange(LearningRule.BlockContingency(Cells(swing: 0.2), 2), 0.07, 0.09);
    }

    [Fact]
    public void A_sample_too_short_for_blocks_says_nothing() => Assert.Equal(0, LearningRule.BlockContingency([0, 1, 0, 1], 2));

    private static int[] Cells(double swing)
    {
        var random = new SplitMix(5);
        return [.. Enumerable.Range(0, 24_000).Select(i => random.Next() < 0.5 + (swing * Math.Cos(2 * Math.PI * i / 24_000)) ? 0 : 1)];
    }
}
