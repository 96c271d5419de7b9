using Streaming.Drift;

namespace Streaming.Tests;

public class ZTestTests
{
    [Fact]
    public void Its_square_is_the_chi_square_of_the_same_table()
    {
        var (z, chi2) = (ZTest.OfCounts(new Proportions(10, 20, 20, 25)), ChiSquare.OfCounts([10, 10], [20, 5]));

        Assert.Equal(chi2.Statistic, z.Statistic * z.Statistic, 1e-12);
        Assert.Equal(chi2.PValue!.Value, z.PValue!.Value, 1e-12);
        Assert.True(z.Statistic > 0);
    }

    [Fact]
    public void The_sign_is_that_of_the_change() =>
        Assert.Equal(ZTest.OfCounts(new Proportions(20, 25, 10, 20)).Statistic, -ZTest.OfCounts(new Proportions(10, 20, 20, 25)).Statistic, 1e-12);

    [Fact]
    public void Counts_that_are_none_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => ZTest.OfCounts(new Proportions(3, 2, 0, 1)));
}
