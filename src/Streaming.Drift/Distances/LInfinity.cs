namespace Streaming.Drift;

/// <summary>L∞ distance: the greatest |pᵢ − qᵢ| over the shares of bins or categories.</summary>
/// <remarks>
/// The Chebyshev metric on shares, as TensorFlow Data Validation uses it for categories (E. Breck et al., Data validation for machine learning, MLSys 2019,
/// section 3.2). From 0 to 1. Empty bins and unseen categories need no floor. Scale: the share of each bin has standard error √(p (1 − p)(1/n + 1/m)) without drift.
/// </remarks>
public static class LInfinity
{
    /// <summary>The distance of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null) =>
        Bins.OfSamples("linf", reference, current, options, OfCounts);

    /// <summary>The distance of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current) =>
        Bins.OfCounts("linf", reference, current, OfShares);

    /// <summary>The distance of two lists of shares, each with sum 1.</summary>
    public static double OfShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var greatest = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            greatest = Math.Max(greatest, Math.Abs(reference[i] - current[i]));
        }

        return greatest;
    }
}
