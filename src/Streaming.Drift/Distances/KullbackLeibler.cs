namespace Streaming.Drift;

/// <summary>Kullback–Leibler divergence of the current shares from the reference: Σ pᵢ ln (pᵢ / qᵢ), p the reference.</summary>
/// <remarks>
/// S. Kullback, R. A. Leibler, On information and sufficiency, Ann. Math. Stat. 22, 1951, equation 2.4: I(1:2) with the reference as 1, in nats. It is no
/// metric: exchanging the samples changes it. A bin has at least the share <see cref="BinOptions.Floor"/> on both sides, so an unseen category gives a great number,
/// not infinity; with the floor in place the sum can fall a little below 0 and is then 0. Scale: without drift about (k − 1)(1/n + 1/m) / 2 over k bins.
/// </remarks>
public static class KullbackLeibler
{
    /// <summary>The divergence of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins and floor; default deciles of the reference.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null)
    {
        var floor = (options ?? new BinOptions()).LeastShare;
        return Bins.OfSamples("kl", reference, current, options, (before, after) => OfCounts(before, after, floor));
    }

    /// <summary>The divergence of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it; as many.</param>
    /// <param name="floor">Share that a bin has at least. Above 0 to 0.01, default 0.0001.</param>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double floor = 1e-4) =>
        Bins.OfCounts("kl", reference, current, (p, q) => OfShares(p, q, floor));

    /// <summary>The divergence of two lists of shares, each with sum 1.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it; as many.</param>
    /// <param name="floor">Share that a bin has at least. Above 0 to 0.01, default 0.0001.</param>
    public static double OfShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, double floor = 1e-4)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var (p, q) = (Math.Max(floor, reference[i]), Math.Max(floor, current[i]));
            sum += p * DeterministicMath.Log(p / q);
        }

        return Math.Max(0, sum);
    }
}
