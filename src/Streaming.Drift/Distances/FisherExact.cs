namespace Streaming.Drift;

/// <summary>Fisher's exact test of two proportions; the statistic is the share after less the share before.</summary>
/// <remarks>
/// R. A. Fisher, Statistical Methods for Research Workers, 5th ed., 1934, section 21.02. Two-sided: the sum of all tables with the same margins that are no likelier than the observed one (up to a relative
/// 10⁻⁷, as in R and SciPy). Sums start at the likeliest table, so no factorial is formed and the figure holds for any counts. Where all or none have it on both sides: 0, p-value 1.
/// </remarks>
public static class FisherExact
{
    private const double Alike = 1 + 1e-7;

    /// <summary>Statistic and p-value of the shares of values above a bound. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="above">Values above it have what is counted. Default 0.5: the ones of 0/1 values.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, double above = 0.5) =>
        OfCounts(Proportions.OfSamples(reference, current, above, out var ignored)) with { Ignored = ignored };

    /// <summary>Statistic and p-value of counts; NaN where one side is empty.</summary>
    public static DistanceResult OfCounts(Proportions counts)
    {
        counts.Validate();
        return counts.Reference == 0 || counts.Current == 0
            ? new DistanceResult("fisher", double.NaN)
            : new DistanceResult("fisher", counts.Difference, PValue(counts));
    }

    private static double PValue(Proportions counts)
    {
        var (n, m, have) = (counts.Reference, counts.Current, counts.Before + counts.After);
        var (least, most) = (Math.Max(0, have - m), Math.Min(n, have));
        var likeliest = Math.Clamp((long)((n + 1.0) * (have + 1.0) / (n + m + 2.0)), least, most);
        var limit = Weight(counts.Before) * Alike;
        var (all, unlikely) = (0.0, 0.0);
        Add(1, likeliest, most);
        Add(-1, likeliest, least);
        var middle = 1 <= limit ? 1 : 0;
        return Math.Min(1, (unlikely + middle) / (all + 1));

        // weight of table k + 1 over that of table k
        double Ratio(long k) => (n - k) * (double)(have - k) / ((k + 1) * (double)(m - have + k + 1));

        double Weight(long observed)
        {
            var weight = 1.0;
            for (var k = likeliest; k < observed; k++)
            {
                weight *= Ratio(k);
            }

            for (var k = likeliest; k > observed; k--)
            {
                weight /= Ratio(k - 1);
            }

            return weight;
        }

        void Add(int step, long from, long to)
        {
            var weight = 1.0;
            for (var k = from; k != to && weight > 0; k += step)
            {
                weight = step > 0 ? weight * Ratio(k) : weight / Ratio(k - 1);
                all += weight;
                unlikely += weight <= limit ? weight : 0;
            }
        }
    }
}
