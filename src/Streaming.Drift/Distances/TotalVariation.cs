namespace Streaming.Drift;

/// <summary>Total variation distance: half of Σ |pᵢ − qᵢ| over the shares of bins.</summary>
/// <remarks>
/// The share of values that must move for the two to be alike; see A. L. Gibbs, F. E. Su, On choosing and bounding probability metrics, Int. Stat. Review 70,
/// 2002, section 2. From 0 to 1: 1 where no bin is shared. Empty bins and unseen categories need no floor. Scale: without drift about
/// Σ √(pᵢ (1 − pᵢ)(1/n + 1/m) / (2 π)).
/// </remarks>
public static class TotalVariation
{
    /// <summary>The distance of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null) =>
        Bins.OfSamples("tv", reference, current, options, OfCounts);

    /// <summary>The distance of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current) =>
        Bins.OfCounts("tv", reference, current, OfShares);

    /// <summary>The distance of two lists of shares, each with sum 1.</summary>
    public static double OfShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            sum += Math.Abs(reference[i] - current[i]);
        }

        return Math.Min(1, sum / 2);
    }
}
