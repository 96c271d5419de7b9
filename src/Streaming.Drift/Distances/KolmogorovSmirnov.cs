namespace Streaming.Drift;

/// <summary>Which law gives the p-value of <see cref="KolmogorovSmirnov"/>.</summary>
public enum KolmogorovSmirnovMethod
{
    /// <summary>Exact up to 10,000 values in the larger sample, beyond that asymptotic.</summary>
    Auto,

    /// <summary>The law of two samples without ties, by counting lattice paths.</summary>
    Exact,

    /// <summary>The law of one sample of n m / (n + m) values against its known distribution.</summary>
    Asymptotic,

    /// <summary>No p-value: the exact law costs far more than the distance.</summary>
    None,
}

/// <summary>Kolmogorov–Smirnov distance: the greatest difference between two distribution functions.</summary>
/// <remarks>
/// N. V. Smirnov, On the estimation of the discrepancy between empirical curves of distribution for two independent samples, 1939.
/// Two-sided. Ties are one step of both functions, which makes the p-value too great, never too small. Equal constants have distance
/// 0, different ones 1. Without values on one side the distance is NaN and has no p-value. p-values are for people to read:
/// they assume independent values, so nothing is decided on them.
/// </remarks>
public static class KolmogorovSmirnov
{
    private const int ExactUpTo = 10_000;

    /// <summary>Distance and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="method">Law of the p-value. Default <see cref="KolmogorovSmirnovMethod.Auto"/>.</param>
    public static DistanceResult OfSamples(
        PreparedReference reference, ReadOnlySpan<double> current, KolmogorovSmirnovMethod method = KolmogorovSmirnovMethod.Auto)
    {
        var finite = Bins.Finite(current, out var ignored);
        ignored += reference.Ignored;
        if (reference.Count == 0 || finite.IsEmpty)
        {
            return new DistanceResult("ks", double.NaN, null, ignored);
        }

        var (above, below) = reference.GreatestDifferences(finite);
        return Result(reference.Count, finite.Length, Math.Max(above, below), method) with { Ignored = ignored };
    }

    /// <summary>Distance and p-value of two samples.</summary>
    public static DistanceResult OfSamples(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> current, KolmogorovSmirnovMethod method = KolmogorovSmirnovMethod.Auto) =>
        OfSamples(new PreparedReference(reference), current, method);

    /// <summary>Distance of counts from expected shares: the one that decisions rest on, the same bits on every CPU.</summary>
    /// <param name="expectedShares">Share of each bin under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each bin; as many.</param>
    /// <returns>The greatest difference of the cumulated shares, and whether the counts lie higher or lower than expected where it
    /// occurs; 0 where nothing was counted.</returns>
    public static (double Statistic, Direction Direction) OfCounts(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        var (expected, observed, greatest, direction) = (0.0, 0L, 0.0, Direction.None);
        for (var i = 0; i < counts.Length - 1 && total > 0; i++)
        {
            expected += expectedShares[i];
            observed += counts[i];
            var difference = expected - (double)observed / total;
            if (Math.Abs(difference) > greatest)
            {
                (greatest, direction) = (Math.Abs(difference), difference > 0 ? Direction.Up : Direction.Down);
            }
        }

        return (greatest, direction);
    }

    /// <summary>The result of a greatest difference max |i m − j n|.</summary>
    internal static DistanceResult Result(int n, int m, long greatest, KolmogorovSmirnovMethod method)
    {
        var statistic = greatest / ((double)n * m);
        var exact = method == KolmogorovSmirnovMethod.Exact || (method == KolmogorovSmirnovMethod.Auto && Math.Max(n, m) <= ExactUpTo);
        double? pValue = method == KolmogorovSmirnovMethod.None ? null
            : exact ? KolmogorovLaw.TwoSamples(n, m, greatest)
            : KolmogorovLaw.OneSample(Effective(n, m), statistic);
        return new DistanceResult("ks", statistic, pValue);
    }

    private static long Effective(long n, long m) => (long)Math.Round((double)n * m / (n + m), MidpointRounding.ToEven);
}
