using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Streaming.Drift;

/// <summary>How the bins of a distance over shares are cut.</summary>
public enum Binning
{
    /// <summary>At quantiles of the reference; equal edges become one, the outer bins are open.</summary>
    Quantile,

    /// <summary>Equal widths over the range of both samples.</summary>
    Equal,

    /// <summary>Each value that occurs is a bin of its own: categories written as numbers.</summary>
    Distinct,
}

/// <summary>How samples are put into bins.</summary>
public sealed record BinOptions
{
    /// <summary>Number of bins; not used where each value is one.</summary>
    /// <value>2 to 1,000, default 10.</value>
    public int Bins { get; init; } = 10;

    /// <summary>How the bins are cut.</summary>
    /// <value>Default <see cref="Binning.Quantile"/>.</value>
    public Binning Binning { get; init; }

    /// <summary>Share that a bin has at least, so that its logarithm exists; 0 puts the least normal number in place of 0. Used by PSI
    /// and Kullback–Leibler only.</summary>
    /// <value>0 to 0.01, default 0.0001.</value>
    public double Floor { get; init; } = 1e-4;

    /// <summary>The floor in force.</summary>
    internal double LeastShare => Floor > 0 ? Floor : 2.2250738585072014e-308;
}

/// <summary>Counts and shares of bins e₀ ≤ x &lt; e₁ …, the outer ones open. A reference that is one value has three: less, equal, greater.</summary>
internal static class Bins
{
    // up to here comparing with every edge is faster than searching
    private const int ComparedEdges = 64;

    /// <summary>A distance of two samples by way of their counts.</summary>
    public delegate DistanceResult BetweenCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current);

    /// <summary>A distance of two lists of shares.</summary>
    public delegate double BetweenShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current);

    /// <summary>Cuts bins, counts both samples, and measures.</summary>
    public static DistanceResult OfSamples(
        string name, PreparedReference reference, ReadOnlySpan<double> current, BinOptions? options, BetweenCounts measure)
    {
        options ??= new BinOptions();
        var finite = Finite(current, out var ignored);
        ignored += reference.Ignored;
        if (reference.Count == 0 || finite.IsEmpty)
        {
            return new DistanceResult(name, double.NaN, null, ignored);
        }

        var (edges, before) = options.Binning switch
        {
            Binning.Equal => reference.EqualBins(options.Bins, finite),
            Binning.Distinct => reference.DistinctBins(finite),
            _ => reference.QuantileBins(options.Bins),
        };
        var after = new long[before.Length];
        Count(finite, edges, after);
        return measure(before, after) with { Ignored = ignored };
    }

    /// <summary>Measures between two lists of counts; NaN where one of them is empty.</summary>
    public static DistanceResult OfCounts(string name, ReadOnlySpan<long> reference, ReadOnlySpan<long> current, BetweenShares measure)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, reference.Length, nameof(current));
        var (before, after) = (new double[reference.Length], new double[current.Length]);
        return Shares(reference, before) == 0 | Shares(current, after) == 0
            ? new DistanceResult(name, double.NaN)
            : new DistanceResult(name, measure(before, after));
    }

    /// <summary>Sets the share of each bin; returns what was counted, and no shares where that is nothing.</summary>
    public static long Shares(ReadOnlySpan<long> counts, Span<double> shares)
    {
        var total = Total(counts);
        for (var i = 0; i < counts.Length && total > 0; i++)
        {
            shares[i] = (double)counts[i] / total;
        }

        return total;
    }

    /// <summary>Σ of counts.</summary>
    public static long Total(ReadOnlySpan<long> counts)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        return total;
    }

    /// <summary>The sample itself where all of it is finite, else a copy of what is.</summary>
    public static ReadOnlySpan<double> Finite(ReadOnlySpan<double> sample, out int ignored)
    {
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(sample);
        var wrong = Vector256<double>.Zero;
        foreach (var block in blocks)
        {
            // 0 for a number, NaN for all else: and NaN stays
            wrong += block - block;
        }

        var sum = wrong[0] + wrong[1] + (wrong[2] + wrong[3]);
        foreach (var value in sample[(blocks.Length * Vector256<double>.Count)..])
        {
            sum += value - value;
        }

        ignored = 0;
        return sum == 0 ? sample : Copy(sample, out ignored);
    }

    /// <summary>Counts finite values into the bins between ascending edges; one more bin than edges.</summary>
    public static void Count(ReadOnlySpan<double> finite, ReadOnlySpan<double> edges, Span<long> counts)
    {
        if (edges.Length > ComparedEdges)
        {
            CountScalar(finite, edges, counts);
            return;
        }

        // first how many lie at or above each edge, then differences
        counts[0] = finite.Length;
        Span<long> above = stackalloc long[4];
        for (var edge = 0; edge < edges.Length; edge += 4)
        {
            var (a, b, c, d) = (edges[edge], Edge(edges, edge + 1), Edge(edges, edge + 2), Edge(edges, edge + 3));
            CountAbove(finite, a, b, c, d, above);
            above[..Math.Min(4, edges.Length - edge)].CopyTo(counts[(edge + 1)..]);
        }

        for (var bin = 0; bin < edges.Length; bin++)
        {
            counts[bin] -= counts[bin + 1];
        }
    }

    /// <summary>What <see cref="Count"/> is, one value at a time.</summary>
    internal static void CountScalar(ReadOnlySpan<double> finite, ReadOnlySpan<double> edges, Span<long> counts)
    {
        counts.Clear();
        foreach (var value in finite)
        {
            counts[Bin(edges, value)]++;
        }
    }

    /// <summary>The bin of a finite value: how many edges lie at or below it.</summary>
    public static int Bin(ReadOnlySpan<double> edges, double value)
    {
        var (low, high) = (0, edges.Length);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            (low, high) = edges[middle] <= value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static double Edge(ReadOnlySpan<double> edges, int index) => index < edges.Length ? edges[index] : double.PositiveInfinity;

    private static void CountAbove(ReadOnlySpan<double> values, double a, double b, double c, double d, Span<long> above)
    {
        var (va, vb, vc, vd) = (Vector256.Create(a), Vector256.Create(b), Vector256.Create(c), Vector256.Create(d));
        var (na, nb, nc, nd) = (Vector256<long>.Zero, Vector256<long>.Zero, Vector256<long>.Zero, Vector256<long>.Zero);
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var block in blocks)
        {
            // a comparison that holds is −1 in each lane
            na -= Vector256.GreaterThanOrEqual(block, va).AsInt64();
            nb -= Vector256.GreaterThanOrEqual(block, vb).AsInt64();
            nc -= Vector256.GreaterThanOrEqual(block, vc).AsInt64();
            nd -= Vector256.GreaterThanOrEqual(block, vd).AsInt64();
        }

        (above[0], above[1], above[2], above[3]) = (Vector256.Sum(na), Vector256.Sum(nb), Vector256.Sum(nc), Vector256.Sum(nd));
        foreach (var value in values[(blocks.Length * Vector256<double>.Count)..])
        {
            above[0] += value >= a ? 1 : 0;
            above[1] += value >= b ? 1 : 0;
            above[2] += value >= c ? 1 : 0;
            above[3] += value >= d ? 1 : 0;
        }
    }

    private static double[] Copy(ReadOnlySpan<double> sample, out int ignored)
    {
        var (kept, count) = (new double[sample.Length], 0);
        foreach (var value in sample)
        {
            kept[count] = value;
            count += double.IsFinite(value) ? 1 : 0;
        }

        ignored = sample.Length - count;
        return kept[..count];
    }
}
