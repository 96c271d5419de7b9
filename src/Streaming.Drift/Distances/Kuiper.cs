namespace Streaming.Drift;

/// <summary>Kuiper's distance: how far one distribution function lies above the other at most, plus how far below.</summary>
/// <remarks>
/// N. H. Kuiper, Tests concerning random points on a circle, Proc. Kon. Ned. Akad. Wet. A 63, 1960: as sensitive in the tails as at the median. The p-value is the limit law
/// with M. A. Stephens's correction for finite samples (J. R. Stat. Soc. B 32, 1970): Q(λ) = 2 Σ (4 j² λ² − 1) e^(−2 j² λ²), λ = (√N + 0.155 + 0.24/√N) V, N = n m / (n + m). Values from 0
/// to 1. Ties are one step of both functions, which makes the p-value too great, never too small. Equal constants have distance 0, different ones 1.
/// </remarks>
public static class Kuiper
{
    /// <summary>Distance and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current)
    {
        var finite = Bins.Finite(current, out var ignored);
        ignored += reference.Ignored;
        if (reference.Count == 0 || finite.IsEmpty)
        {
            return new DistanceResult("kuiper", double.NaN, null, ignored);
        }

        var (above, below) = reference.GreatestDifferences(finite);
        var (n, m) = ((double)reference.Count, (double)finite.Length);
        var statistic = (above + below) / (n * m);
        return new DistanceResult("kuiper", statistic, Tail(n * m / (n + m), statistic), ignored);
    }

    /// <summary>The distance of counts from expected shares, at the ends of the bins; 0 where nothing was counted.</summary>
    /// <param name="expectedShares">Share of each bin under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each bin; as many.</param>
    public static double OfCounts(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        var (total, expected, observed, above, below) = (Bins.Total(counts), 0.0, 0L, 0.0, 0.0);
        for (var i = 0; i < counts.Length - 1 && total > 0; i++)
        {
            expected += expectedShares[i];
            observed += counts[i];
            var difference = expected - (double)observed / total;
            (above, below) = (Math.Max(above, difference), Math.Max(below, -difference));
        }

        return above + below;
    }

    /// <summary>P(V ≥ v) of two samples that together are worth so many values.</summary>
    internal static double Tail(double effective, double v)
    {
        var root = Math.Sqrt(effective);
        var lambda = (root + 0.155 + 0.24 / root) * v;

        // below it all terms of the series matter and the answer is 1 to seven digits
        if (lambda < 0.4)
        {
            return 1;
        }

        var sum = 0.0;
        for (var j = 1; j <= 100; j++)
        {
            var square = 2 * j * j * lambda * lambda;
            var term = (2 * square - 1) * Math.Exp(-square);
            sum += term;
            if (term <= 1e-17 * sum)
            {
                break;
            }
        }

        return Math.Min(1, 2 * sum);
    }
}
