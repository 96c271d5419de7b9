using MathNet.Numerics;

namespace Streaming.Drift;

/// <summary>Chi-square test of homogeneity: Σ (O − E)² / E over bins or categories of both samples.</summary>
/// <remarks>
/// K. Pearson, On the criterion that a given system of deviations …, Phil. Mag. 50, 1900; degrees of freedom: R. A. Fisher, 1922. Bins that are empty on both sides are left out;
/// k that are left give k − 1 degrees of freedom. Yates's correction (J. R. Stat. Soc. Suppl. 1, 1934) applies to two bins only, as in SciPy. One bin
/// (equal constants) has statistic 0 and p-value 1. An unseen category is a bin of its own. The p-value is that of the limit: expected counts
/// should be 5 or more.
/// </remarks>
public static class ChiSquare
{
    /// <summary>Statistic and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    /// <param name="yates">Whether two bins are corrected for continuity.</param>
    public static DistanceResult OfSamples(
        PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null, bool yates = false) =>
        Bins.OfSamples("chi2", reference, current, options, (before, after) => OfCounts(before, after, yates));

    /// <summary>Statistic and p-value of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, bool yates = false)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var (n, m) = ((double)Bins.Total(reference), (double)Bins.Total(current));
        if (n == 0 || m == 0)
        {
            return new DistanceResult("chi2", double.NaN);
        }

        var used = Used(reference, current);
        var (correct, sum) = (yates && used == 2, 0.0);
        for (var i = 0; i < reference.Length; i++)
        {
            var both = (double)reference[i] + current[i];
            var (expected, other) = (both * (n / (n + m)), both * (m / (n + m)));
            if (both > 0)
            {
                // the two differences are opposite
                var difference = Math.Abs(reference[i] - expected);
                difference -= correct ? Math.Min(0.5, difference) : 0;
                sum += difference * difference / expected + difference * difference / other;
            }
        }

        return new DistanceResult("chi2", used == 1 ? 0 : sum, Tail(used - 1, sum));
    }

    /// <summary>Statistic and p-value of counts against known shares: k − 1 degrees of freedom. Bins that are not expected and hold nothing
    /// are left out; one that holds something makes the statistic infinite. NaN where nothing was counted.</summary>
    /// <param name="expectedShares">Share of each bin under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each bin; as many.</param>
    public static DistanceResult OfExpected(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        var (total, used, sum) = (Bins.Total(counts), 0, 0.0);
        for (var i = 0; i < counts.Length && total > 0; i++)
        {
            var expected = expectedShares[i] * total;
            var difference = counts[i] - expected;
            used += expected > 0 || counts[i] > 0 ? 1 : 0;
            sum += difference == 0 ? 0 : difference * difference / expected;
        }

        return total == 0 ? new DistanceResult("chi2", double.NaN) : new DistanceResult("chi2", used == 1 ? 0 : sum, Tail(used - 1, sum));
    }

    /// <summary>Bins that hold something on either side.</summary>
    internal static int Used(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var used = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            used += reference[i] + current[i] > 0 ? 1 : 0;
        }

        return used;
    }

    /// <summary>P(χ² ≥ x) with so many degrees of freedom; 1 with none.</summary>
    internal static double Tail(int freedom, double x) =>
        freedom < 1 || x <= 0 ? 1
        : double.IsPositiveInfinity(x) ? 0
        : SpecialFunctions.GammaUpperRegularized(freedom / 2.0, x / 2);
}
