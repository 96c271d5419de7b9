namespace Streaming.Drift;

/// <summary>Hellinger distance: √(1 − Σ √(pᵢ qᵢ)) over the shares of bins.</summary>
/// <remarks>
/// E. Hellinger, Neue Begründung der Theorie quadratischer Formen von unendlichvielen Veränderlichen, 1909; S. Kakutani, 1948, for measures. The variant
/// with values from 0 to 1 (others leave out the factor 1/√2 before √Σ (√pᵢ − √qᵢ)²). 0 for equal shares, 1 where no bin is shared, so empty
/// bins and unseen categories need no floor. Scale: without drift its square is about (k − 1)(1/n + 1/m) / 8 over k bins.
/// </remarks>
public static class Hellinger
{
    /// <summary>The distance of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null) =>
        Bins.OfSamples("hellinger", reference, current, options, OfCounts);

    /// <summary>The distance of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current) =>
        Bins.OfCounts("hellinger", reference, current, OfShares);

    /// <summary>The distance of two lists of shares, each with sum 1.</summary>
    public static double OfShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            // ½ Σ (√p − √q)² is the same number, and exactly 0 for equal shares
            var difference = Math.Sqrt(reference[i]) - Math.Sqrt(current[i]);
            sum += difference * difference;
        }

        return Math.Sqrt(Math.Min(1, sum / 2));
    }
}
