namespace Streaming.Drift;

/// <summary>How the bins of <see cref="Psi"/> are cut.</summary>
public enum PsiBinning
{
    /// <summary>At quantiles of the reference; equal edges become one, the outer bins are open.</summary>
    Quantile,

    /// <summary>Equal widths over the range of both samples.</summary>
    Equal,
}

/// <summary>Options of <see cref="Psi"/> between samples.</summary>
public sealed record PsiOptions
{
    /// <summary>Number of bins.</summary>
    /// <value>2 to 1,000, default 10.</value>
    public int Bins { get; init; } = 10;

    /// <summary>How the bins are cut.</summary>
    /// <value>Default <see cref="PsiBinning.Quantile"/>.</value>
    public PsiBinning Binning { get; init; }

    /// <summary>Share that a bin has at least, so that its logarithm exists; 0 puts the least normal number in place of 0.</summary>
    /// <value>0 to 0.01, default 0.0001.</value>
    public double Floor { get; init; } = 1e-4;
}

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

    // what stands for a share of zero where no floor is wanted: 2^-1022, the least normal number
    private const double LeastShare = 2.2250738585072014e-308;

    /// <summary>The index of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="options">Bins; default deciles of the reference.</param>
    public static DistanceResult OfSamples(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, PsiOptions? options = null)
    {
        options ??= new PsiOptions();
        var (expected, observed) = (new SortedSample(reference), new SortedSample(current));
        var ignored = expected.Ignored + observed.Ignored;
        if (expected.Count == 0 || observed.Count == 0)
        {
            return new DistanceResult("psi", double.NaN, null, ignored);
        }

        var edges = options.Binning == PsiBinning.Equal
            ? EqualEdges(expected, observed, options.Bins)
            : QuantileEdges(expected, options.Bins);
        var (before, after) = (new long[edges.Length + 1], new long[edges.Length + 1]);
        expected.CountInto(edges, before);
        observed.CountInto(edges, after);
        var floor = options.Floor > 0 ? options.Floor : LeastShare;
        var sum = 0.0;
        for (var i = 0; i < before.Length; i++)
        {
            sum += Term(Math.Max(floor, (double)before[i] / expected.Count), Math.Max(floor, (double)after[i] / observed.Count));
        }

        return new DistanceResult("psi", sum, null, ignored);
    }

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

    /// <summary>The index over the commonest categories of a reference and the rest, by the rules of <see cref="OfCounts"/>.</summary>
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

    private static double[] QuantileEdges(SortedSample reference, int bins)
    {
        if (reference.Values[0] == reference.Values[^1])
        {
            return [reference.Values[0], Math.BitIncrement(reference.Values[0])];
        }

        var edges = new List<double>(bins);
        for (var i = 1; i < bins; i++)
        {
            var edge = reference.Quantile((double)i / bins);
            if (edges.Count == 0 || edge > edges[^1])
            {
                edges.Add(edge);
            }
        }

        return [.. edges];
    }

    private static double[] EqualEdges(SortedSample reference, SortedSample current, int bins)
    {
        var least = Math.Min(reference.Values[0], current.Values[0]);
        var greatest = Math.Max(reference.Values[^1], current.Values[^1]);
        var width = greatest - least is var range && double.IsFinite(range) ? range / bins : (greatest / bins) - (least / bins);
        var edges = new double[bins - 1];
        for (var i = 0; i < edges.Length; i++)
        {
            edges[i] = least + (i + 1) * width;
        }

        return edges;
    }
}
