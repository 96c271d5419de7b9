namespace Streaming.Drift;

/// <summary>Jensen–Shannon distance: the root of the divergence ½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q) / 2, over the shares of bins.</summary>
/// <remarks>
/// J. Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37, 1991, section III; that the root is a metric: D. M. Endres, J. E. Schindelin, 2003.
/// The distance, not the divergence, as SciPy's <c>jensenshannon</c>. In base 2 from 0 to 1, in base e to √ln 2 ≈ 0.833. Empty bins and unseen categories need no
/// floor. Scale: without drift the square, in base e, is about (k − 1)(1/n + 1/m) / 8 over k bins.
/// </remarks>
public static class JensenShannon
{
    /// <summary>The distance of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    /// <param name="logBase">Base of the logarithm.</param>
    public static DistanceResult OfSamples(
        PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null, Logarithm logBase = Logarithm.E) =>
        Bins.OfSamples("js", reference, current, options, (before, after) => OfCounts(before, after, logBase));

    /// <summary>The distance of two lists of counts over the same bins or categories; NaN where one holds nothing.</summary>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, Logarithm logBase = Logarithm.E) =>
        Bins.OfCounts("js", reference, current, (p, q) => OfShares(p, q, logBase));

    /// <summary>The distance of two lists of shares, each with sum 1.</summary>
    public static double OfShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, Logarithm logBase = Logarithm.E)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var (p, q) = (reference[i], current[i]);
            var middle = (p + q) / 2;
            sum += (p > 0 ? p * DeterministicMath.Log(p / middle) : 0) + (q > 0 ? q * DeterministicMath.Log(q / middle) : 0);
        }

        // rounding may leave a little less than 0 of equal shares
        return Math.Sqrt(Math.Max(0, sum / 2) / (logBase == Logarithm.Two ? DeterministicMath.Log(2) : 1));
    }
}

/// <summary>Base of a logarithm.</summary>
public enum Logarithm
{
    /// <summary>Natural: nats.</summary>
    E,

    /// <summary>Base 2: bits.</summary>
    Two,
}
