using Streaming.Drift;

namespace Streaming.Tests;

public class ChiSquareTests
{
    [Fact]
    public void One_bin_is_no_evidence_and_empty_bins_count_for_nothing()
    {
        Assert.Equal(new DistanceResult("chi2", 0, 1), ChiSquare.OfCounts([5, 0], [9, 0]));
        Assert.Equal(ChiSquare.OfCounts([5, 7], [9, 1]), ChiSquare.OfCounts([0, 5, 0, 7], [0, 9, 0, 1]));
    }

    // the two by two table of 10, 10 and 20, 5: (ad − bc)² N / (margins)
    [Fact]
    public void Two_bins_are_the_fourfold_table()
    {
        Assert.Equal(150.0 * 150 * 45 / (30.0 * 15 * 20 * 25), ChiSquare.OfCounts([10, 10], [20, 5]).Statistic, 1e-12);
        Assert.Equal(Math.Pow(150 - 45 / 2.0, 2) * 45 / (30.0 * 15 * 20 * 25), ChiSquare.OfCounts([10, 10], [20, 5], yates: true).Statistic, 1e-12);
        Assert.Equal(ChiSquare.OfCounts([1, 2, 3], [3, 2, 1]), ChiSquare.OfCounts([1, 2, 3], [3, 2, 1], yates: true));
    }

    [Theory]
    [InlineData(1, 3.841458820694124, 0.05)]
    [InlineData(9, 16.918977604620448, 0.05)]
    [InlineData(9, 21.665994333461924, 0.01)]
    public void The_tail_is_that_of_the_tables(int freedom, double x, double expected) => Assert.Equal(expected, ChiSquare.Tail(freedom, x), 1e-12);

    [Fact]
    public void Counts_against_known_shares_lose_one_degree_of_freedom()
    {
        var found = ChiSquare.OfExpected([0.5, 0.25, 0.25], [30, 40, 30]);

        Assert.Equal(400 / 50.0 + 225 / 25.0 + 25 / 25.0, found.Statistic, 1e-12);
        Assert.Equal(Math.Exp(-found.Statistic / 2), found.PValue!.Value, 1e-12);
        Assert.Equal(double.PositiveInfinity, ChiSquare.OfExpected([1, 0], [3, 1]).Statistic);
        Assert.Equal(double.NaN, ChiSquare.OfExpected([1, 0], [0, 0]).Statistic);
    }
}
