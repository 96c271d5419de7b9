namespace Streaming.Drift;

/// <summary>Population stability index: Σ (pᵢ − qᵢ) ln (pᵢ / qᵢ) over the shares of bins.</summary>
/// <remarks>
/// S. Kullback, R. A. Leibler, On information and sufficiency, 1951 (their J, the symmetric divergence); N. Siddiqi, Credit Risk
/// Scorecards, 2006, for name, deciles and the usual limits 0.1 and 0.25. Bins hold e₀ ≤ x &lt; e₁. A reference that is one value
/// has three bins: less, equal, greater. Without values on one side the index is NaN.
/// </remarks>
public static class Psi
{
    // expected shares below it would make the index all noise
    private const double LeastExpected = 0.005;

    /// <summary>The index of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins and floor; default deciles of the reference.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options = null)
    {
        var floor = (options ?? new BinOptions()).LeastShare;
        return Bins.OfSamples("psi", reference, current, options, (before, after) => OfCounts(before, after, floor));
    }

    /// <summary>The index of two samples.</summary>
    public static DistanceResult OfSamples(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, BinOptions? options = null) =>
        OfSamples(new PreparedReference(reference), current, options);

    /// <summary>The index of two lists of counts over the same bins or categories.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it; as many.</param>
    /// <param name="floor">Share that a bin has at least. Above 0 to 0.01, default 0.0001.</param>
    public static DistanceResult OfCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double floor = 1e-4) =>
        Bins.OfCounts("psi", reference, current, (p, q) =>
        {
            var sum = 0.0;
            for (var i = 0; i < p.Length; i++)
            {
                sum += Term(Math.Max(floor, p[i]), Math.Max(floor, q[i]));
            }

            return sum;
        });

    /// <summary>The index of counts against expected shares: the one that decisions rest on, the same bits on every CPU.</summary>
    /// <remarks>Neighbouring elements are put together into <paramref name="bins"/> bins; a bin with an expected share below 0.5 %
    /// joins the next one (the last: the one before); an observed zero counts half. 0 where nothing was counted.</remarks>
    /// <param name="expectedShares">Share of each element under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each element; as many.</param>
    /// <param name="bins">Divides the number of elements. Default 10: deciles, where the elements are bins of u.</param>
    public static double OfCounts(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length % bins, 0, nameof(bins));
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        return total == 0 ? 0 : SumOfBins(expectedShares, counts, counts.Length / bins, total);
    }

    /// <summary>The index over the commonest categories of a reference and the rest, by the rules for counts against shares.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">Counts of what is compared with it; its own rest belongs to the rest.</param>
    /// <param name="commonest">Categories looked at one by one. 1 to 1,000, default 20.</param>
    public static double OfCategories(CategoricalReference reference, CategoryCounts current, int commonest = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(commonest, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(commonest, 1_000);
        Span<double> shares = stackalloc double[commonest + 1];
        Span<long> counts = stackalloc long[commonest + 1];
        counts.Clear();
        reference.Shares(shares);
        counts[commonest] = current.Total;
        for (var i = 0; i < commonest && i < reference.Entries.Length; i++)
        {
            counts[i] = current[reference.Entries[i].Key];
            counts[commonest] -= counts[i];
        }

        return OfCounts(shares, counts, commonest + 1);
    }

    private static double SumOfBins(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts, int width, long total)
    {
        // one finished bin is held back, since the last one may have to join it
        var (sum, heldShare, heldCount, share, count) = (0.0, 0.0, 0L, 0.0, 0L);
        for (var i = 0; i < counts.Length; i++)
        {
            share += expectedShares[i];
            count += counts[i];
            if ((i + 1) % width == 0 && share >= LeastExpected)
            {
                sum += heldShare > 0 ? Term(heldShare, Math.Max(heldCount, 0.5) / total) : 0;
                (heldShare, heldCount, share, count) = (share, count, 0, 0);
            }
        }

        (heldShare, heldCount) = (heldShare + share, heldCount + count);
        return sum + (heldShare > 0 ? Term(heldShare, Math.Max(heldCount, 0.5) / total) : 0);
    }

    private static double Term(double expected, double observed) => (expected - observed) * DeterministicMath.Log(expected / observed);
}
