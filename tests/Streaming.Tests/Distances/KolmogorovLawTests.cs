using Streaming.Drift;

namespace Streaming.Tests;

public class KolmogorovLawTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 2, 4, 2.0 / 6)]
    [InlineData(2, 2, 2, 1)]
    [InlineData(3, 2, 6, 2.0 / 10)]
    [InlineData(3, 2, 4, 6.0 / 10)]
    public void Small_samples_can_be_counted_by_hand(int n, int m, long reach, double expected) =>
        Assert.Equal(expected, KolmogorovLaw.TwoSamples(n, m, reach), 1e-12);

    // n d = 10, d = 0.274: the example of Marsaglia, Tsang and Wang, table 1
    [Fact]
    public void The_matrix_gives_its_authors_figure() =>
        Assert.Equal(1 - 0.628479615, KolmogorovLaw.OneSample(10, 0.274), 1e-8);

    [Theory]
    [InlineData(1, 0.75, 0.5)]
    [InlineData(4, 1, 0)]
    [InlineData(4, 0.125, 1)]
    [InlineData(4, 0.9, 2e-4)]
    public void The_ends_of_the_law_are_known_in_closed_form(long n, double d, double expected) =>
        Assert.Equal(expected, KolmogorovLaw.OneSample(n, d), 1e-12);

    [Theory]
    [InlineData(20)]
    [InlineData(250)]
    [InlineData(3_000)]
    [InlineData(20_000)]
    public void A_greater_distance_is_less_likely(long n)
    {
        var before = 1.0;
        for (var z = 0.1; z < Math.Min(4, 0.5 * Math.Sqrt(n)); z += 0.02)
        {
            var p = KolmogorovLaw.OneSample(n, z / Math.Sqrt(n));

            Assert.InRange(p, before * 0.7, before);
            before = p;
        }
    }

    // the matrix is exact: what the expansion differs by where it takes over is its error
    [Theory]
    [InlineData(0.4)]
    [InlineData(0.6)]
    [InlineData(0.9)]
    [InlineData(1.3)]
    [InlineData(1.9)]
    public void The_expansion_errs_by_less_than_1e_8_where_it_takes_over(double z)
    {
        var d = z * z / 40;
        var n = (long)(z * z / (d * d));

        Assert.Equal(KolmogorovLaw.Durbin(n, d), KolmogorovLaw.PelzGood(n, d), 1e-8);
    }

    [Fact]
    public void The_tail_takes_over_without_a_step()
    {
        var d = 2.0001 / Math.Sqrt(100);

        Assert.Equal(1, (1 - KolmogorovLaw.Durbin(100, d)) / KolmogorovLaw.OneSample(100, d), 1e-9);
    }

    [Fact]
    public void Long_samples_follow_the_limit()
    {
        // Kolmogorov's limit 2 Σ (−1)^(k−1) e^(−2 k² z²) at z + 1/(6 √n)
        var z = 1.2 + 1 / (6 * 1_000.0);
        var limit = 2 * (Math.Exp(-2 * z * z) - Math.Exp(-8 * z * z) + Math.Exp(-18 * z * z));

        Assert.Equal(limit, KolmogorovLaw.OneSample(1_000_000, 1.2 / 1_000), 1e-6);
        Assert.Equal(limit, KolmogorovLaw.TwoSamples(9_000, 9_001, (long)(1.2 * Math.Sqrt(2.0 / 9_000) * 9_000 * 9_001)), 4e-3);
    }
}
