namespace Streaming.Drift;

/// <summary>G-test of homogeneity: 2 Σ O ln (O / E) over bins or categories of both samples.</summary>
/// <remarks>
/// S. S. Wilks, The large-sample distribution of the likelihood ratio, Ann. Math. Stat. 9, 1938; R. R. Sokal, F. J. Rohlf, Biometry, for the name and the use. Without
/// Williams's correction. Bins that are empty on both sides are left out; k that are left give k − 1 degrees of freedom; an empty bin on one side adds nothing on that side,
/// so unseen categories need no floor. One bin (equal constants) has statistic 0 and p-value 1. The p-value is that of the limit.
/// </remarks>
public static class GTest
{
    /// <summary>Statistic and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null) =>
        Bins.OfSamples("g", reference, current, options, OfCounts);

    /// <summary>Statistic and p-value of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var (n, m) = ((double)Bins.Total(reference), (double)Bins.Total(current));
        if (n == 0 || m == 0)
        {
            return new DistanceResult("g", double.NaN);
        }

        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var both = (double)reference[i] + current[i];
            sum += Term(reference[i], both * (n / (n + m))) + Term(current[i], both * (m / (n + m)));
        }

        var used = ChiSquare.Used(reference, current);
        var statistic = used == 1 ? 0 : Math.Max(0, 2 * sum);
        return new DistanceResult("g", statistic, ChiSquare.Tail(used - 1, statistic));
    }

    /// <summary>Statistic and p-value of counts against known shares: k − 1 degrees of freedom over the bins that are expected or hold something.
    /// Infinite where an unexpected bin holds something; NaN where nothing was counted.</summary>
    /// <param name="expectedShares">Share of each bin under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each bin; as many.</param>
    public static DistanceResult OfExpected(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        var (total, used, sum) = (Bins.Total(counts), 0, 0.0);
        for (var i = 0; i < counts.Length && total > 0; i++)
        {
            used += expectedShares[i] > 0 || counts[i] > 0 ? 1 : 0;
            sum += Term(counts[i], expectedShares[i] * total);
        }

        var statistic = Math.Max(0, 2 * sum);
        return total == 0 ? new DistanceResult("g", double.NaN) : new DistanceResult("g", statistic, ChiSquare.Tail(used - 1, statistic));
    }

    private static double Term(long observed, double expected) => observed == 0 ? 0 : observed * DeterministicMath.Log(observed / expected);
}
