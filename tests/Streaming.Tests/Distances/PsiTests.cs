using Streaming.Drift;

namespace Streaming.Tests;

public class PsiTests
{
    public static TheoryData<string, double, string> Deciles => ReferenceValues.Of("psi_reference_deciles");

    [Theory, MemberData(nameof(Deciles))]
    public void Deciles_give_the_published_index(string comparison, double expected, string definition)
    {
        var (reference, current) = ReferenceValues.Samples(comparison);

        Assert.Contains("quantiles", definition);
        Assert.Equal(1, Psi.OfSamples(reference, current).Statistic / expected, 1e-9);
    }

    [Theory]
    [InlineData("psi_20_equal_bins", 0)]
    [InlineData("psi_20_equal_bins_floor_1e-4", 1e-4)]
    public void Equal_bins_give_the_published_index(string statistic, double floor)
    {
        var row = Assert.Single(ReferenceValues.Of(statistic));
        var (reference, current) = ReferenceValues.Samples((string)row[0]);
        var options = new BinOptions { Bins = 20, Binning = Binning.Equal, Floor = floor };

        Assert.Equal(1, Psi.OfSamples(reference, current, options).Statistic / (double)row[1], 1e-9);
    }

    [Fact]
    public void A_constant_reference_sees_values_leave_either_way()
    {
        double[] sevens = [7, 7, 7, 7];

        Assert.Equal(0, Psi.OfSamples(sevens, sevens).Statistic);
        Assert.True(Psi.OfSamples(sevens, [8, 8, 7]).Statistic > 1);
        Assert.True(Psi.OfSamples(sevens, [6, 6, 7]).Statistic > 1);
        Assert.Equal(0, Psi.OfSamples(sevens, sevens, new BinOptions { Binning = Binning.Equal }).Statistic);
    }

    [Theory]
    [InlineData(Binning.Quantile)]
    [InlineData(Binning.Equal)]
    public void A_range_wider_than_any_number_has_bins_all_the_same(Binning binning)
    {
        double[] reference = [-1.7e308, -1e308, 0, 1e308, 1.7e308], current = [1.7e308, 1.7e308, 1.7e308];

        Assert.InRange(Psi.OfSamples(reference, current, new BinOptions { Bins = 4, Binning = binning }).Statistic, 1, 20);
    }

    [Fact]
    public void Nothing_has_no_index_and_what_is_no_number_is_counted()
    {
        Assert.Equal(new DistanceResult("psi", double.NaN, null, 1), Psi.OfSamples([double.NaN], [1, 2]));
        Assert.Equal(
            Psi.OfSamples([1, 2, 3], [2, 3, 4]) with { Ignored = 2 },
            Psi.OfSamples([1, double.NaN, 2, 3], [2, 3, double.PositiveInfinity, 4]));
    }

    [Fact]
    public void Counts_as_expected_have_index_zero()
    {
        var (shares, counts) = (new double[60], new long[60]);
        Array.Fill(shares, 1 / 60.0);
        Array.Fill(counts, 5);

        Assert.Equal(0, Psi.OfCounts(shares, counts), 1e-12);
        Assert.Equal(0, Psi.OfCounts(shares, new long[60]));
    }

    [Fact]
    public void An_observed_zero_counts_half() =>
        Assert.Equal(
            (0.5 - 0.005) * Math.Log(0.5 / 0.005) + (0.5 - 1) * Math.Log(0.5 / 1), Psi.OfCounts([0.5, 0.5], [0, 100], 2), 1e-12);

    [Fact]
    public void Bins_hardly_expected_join_a_neighbour()
    {
        var joined = Psi.OfCounts([0.504, 0.496], [30, 70], 2);

        Assert.Equal(joined, Psi.OfCounts([0.004, 0.5, 0.496], [10, 20, 70], 3), 1e-12);
        Assert.Equal(joined, Psi.OfCounts([0.504, 0.492, 0.004], [30, 60, 10], 3), 1e-12);
        Assert.Equal(joined, Psi.OfCounts([0.3, 0.204, 0.4, 0.096], [20, 10, 40, 30], 2), 1e-12);
    }

    [Fact]
    public void Categories_are_the_commonest_and_the_rest()
    {
        var (learnt, current) = (new CategoryCounts(), new CategoryCounts());
        foreach (var (key, before, now) in ((ulong, long, long)[])[(1, 50, 20), (2, 30, 30), (3, 15, 30), (4, 5, 5)])
        {
            learnt.Add(key, before);
            current.Add(key, now);
        }

        current.Add(99, 15);
        var reference = CategoricalReference.Build(learnt, 0);

        Assert.Equal(Psi.OfCounts([0.5, 0.3, 0.2], [20, 30, 50], 3), Psi.OfCategories(reference, current, 2), 1e-12);
        Assert.Equal(0, Psi.OfCategories(reference, learnt), 1e-12);
    }

    [Fact]
    public void Without_drift_deciles_stay_far_below_the_warning()
    {
        // (bins − 1) (1/n + 1/N) is the mean without drift
        var reference = NumericReference.Build(Samples.Uniform(2_000, 1), 2_000);
        var (sum, u, counts) = (0.0, new double[2_048], new long[NumericReference.Bins]);
        for (var seed = 2; seed < 202; seed++)
        {
            reference.U(Samples.Uniform(u.Length, seed), u);
            Array.Clear(counts);
            Histogram.Add(u, counts);
            var index = Psi.OfCounts(reference.Shares, counts);
            Assert.InRange(index, 0, 0.05);
            sum += index;
        }

        Assert.InRange(sum / 200, 0.5 * 9 / 2_048, 2 * 9 * (1.0 / 2_048 + 1.0 / 2_000));
    }
}
