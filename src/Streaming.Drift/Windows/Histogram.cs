using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Streaming.Drift;

/// <summary>Counts of u-values in equal bins of [0, 1].</summary>
/// <remarks>Bin i holds i/bins ≤ u &lt; (i+1)/bins, the last also 1. Values outside [0, 1] count in the nearest bin, NaN in none.</remarks>
public static class Histogram
{
    /// <summary>Most bins a histogram may have.</summary>
    public const int MaxBins = 4_096;

    // adding 2^52 leaves a whole number below it in the low bits
    private const double Whole = 4_503_599_627_370_496;

    /// <summary>The bin of one u-value, which must not be NaN.</summary>
    public static int Index(double u, int bins)
    {
        var scaled = u * bins;
        return scaled < 0 ? 0 : scaled > bins - 1 ? bins - 1 : (int)scaled;
    }

    /// <summary>Adds values to <paramref name="counts"/>, one element per bin; returns how many were NaN.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No bins, or more than <see cref="MaxBins"/>.</exception>
    public static int Add(ReadOnlySpan<double> u, Span<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfZero(counts.Length, nameof(counts));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counts.Length, MaxBins, nameof(counts));
        var (bins, last) = (Vector256.Create((double)counts.Length), Vector256.Create(counts.Length - 1.0));
        var whole = Vector256.Create(Whole);
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(u);
        var missing = 0;
        foreach (var block in blocks)
        {
            var scaled = block * bins;
            scaled = Vector256.ConditionalSelect(Vector256.LessThan(scaled, Vector256<double>.Zero), Vector256<double>.Zero, scaled);
            scaled = Vector256.ConditionalSelect(Vector256.GreaterThan(scaled, last), last, scaled);
            scaled = Vector256.ConditionalSelect(Vector256.Equals(scaled, scaled), scaled, bins);
            var index = (Vector256.Floor(scaled) + whole).AsInt32();
            missing += Count(counts, index[0]) + Count(counts, index[2]) + Count(counts, index[4]) + Count(counts, index[6]);
        }

        return missing + AddScalar(u[(blocks.Length * Vector256<double>.Count)..], counts);
    }

    /// <summary>What <see cref="Add"/> is, one value at a time.</summary>
    internal static int AddScalar(ReadOnlySpan<double> u, Span<long> counts)
    {
        var missing = 0;
        foreach (var value in u)
        {
            missing += Count(counts, double.IsNaN(value) ? counts.Length : Index(value, counts.Length));
        }

        return missing;
    }

    private static int Count(Span<long> counts, int index)
    {
        if ((uint)index >= (uint)counts.Length)
        {
            return 1;
        }

        counts[index]++;
        return 0;
    }
}
