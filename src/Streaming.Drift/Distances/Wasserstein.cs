using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Streaming.Drift;

/// <summary>Wasserstein-1 distance: ∫ |F(x) − G(x)| dx, how far values move on average to turn one sample into the other.</summary>
/// <remarks>
/// L. V. Kantorovich, On the translocation of masses, 1942; the form by distribution functions: S. S. Vallender, Theory Probab. Appl. 18, 1974. In the unit of the values, from 0.
/// Ties are one step. The normed form divides by the reference's standard deviation (of the values themselves, divisor n), so it has no unit; over a constant reference
/// it is 0 where nothing changed, else infinite. Equal constants have distance 0. No law free of the distribution exists, so there is no p-value; scale: without drift
/// about ∫ √(2 F (1 − F)(1/n + 1/m) / π) dx, which for a normal feature is 1.29 √(1/n + 1/m) standard deviations.
/// </remarks>
public static class Wasserstein
{
    /// <summary>The distance of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current) =>
        Pooled.OfSamples("wasserstein", reference, current, static (before, after) => new("wasserstein", Between(before.Values, after.Values)));

    /// <summary>The distance of two samples in standard deviations of the reference.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static DistanceResult NormedOfSamples(PreparedReference reference, ReadOnlySpan<double> current) =>
        Pooled.OfSamples("wasserstein-normed", reference, current, static (before, after) =>
        {
            var distance = Between(before.Values, after.Values);
            return new("wasserstein-normed", distance == 0 ? 0 : distance / Math.Sqrt(Moments.Variance(before.Values)));
        });

    /// <summary>The distance of counts from expected shares over bins of equal width, in widths of all bins together: for u-values, whose bins
    /// fill [0, 1], the distance itself, each value moved to its bin's end. NaN where nothing was counted.</summary>
    /// <param name="expectedShares">Share of each bin under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each bin; as many.</param>
    public static double OfCounts(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        var (total, expected, observed, sum) = (Bins.Total(counts), 0.0, 0L, 0.0);
        for (var i = 0; i < counts.Length - 1 && total > 0; i++)
        {
            expected += expectedShares[i];
            observed += counts[i];
            sum += Math.Abs(expected - (double)observed / total);
        }

        return total == 0 ? double.NaN : sum / counts.Length;
    }

    private static double Between(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.Length == current.Length)
        {
            // the i-th least goes to the i-th least
            return SumOfDifferences(reference, current) / current.Length;
        }

        var pooled = new Pooled(reference, current);
        var (sum, place, steps) = (0.0, 0.0, 0L);
        while (pooled.Next())
        {
            sum += steps == 0 ? 0 : steps * (pooled.Value - place);
            steps = Math.Abs((long)pooled.First * current.Length - (long)pooled.Second * reference.Length);
            place = pooled.Value;
        }

        return sum / ((double)reference.Length * current.Length);
    }

    /// <summary>Σ |aᵢ − bᵢ| in eight lanes that are added in one fixed order: the same bits on every CPU.</summary>
    private static double SumOfDifferences(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var left = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var right = MemoryMarshal.Cast<double, Vector256<double>>(b);
        var (even, odd) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var i = 0;
        for (; i + 1 < left.Length && i + 1 < right.Length; i += 2)
        {
            even += Vector256.Abs(left[i] - right[i]);
            odd += Vector256.Abs(left[i + 1] - right[i + 1]);
        }

        even += odd;
        var sum = even[0] + even[1] + (even[2] + even[3]);
        for (i *= Vector256<double>.Count; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }

        return sum;
    }
}
