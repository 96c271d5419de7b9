using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Streaming.Drift;

/// <summary>Sum, mean and spread of a span of numbers: the same bits on every CPU.</summary>
/// <remarks>Sixteen lanes: lane k adds the values k, k + 16, k + 32 … in order; lanes are then added in one fixed tree.
/// No fused and no estimated operations. A NaN among the values makes every result NaN; nothing at all gives mean NaN.</remarks>
public static class Moments
{
    private const int Lanes = 16;

    /// <summary>Σ x; 0 of nothing.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        var (a, b, c, d) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values[..(values.Length & -Lanes)]);
        for (var i = 0; i + 3 < blocks.Length; i += 4)
        {
            a += blocks[i];
            b += blocks[i + 1];
            c += blocks[i + 2];
            d += blocks[i + 3];
        }

        Span<double> lanes = stackalloc double[Lanes];
        Store(lanes, a, b, c, d);
        var tail = values[(values.Length & -Lanes)..];
        for (var i = 0; i < tail.Length; i++)
        {
            lanes[i] += tail[i];
        }

        return Combine(lanes);
    }

    /// <summary>What <see cref="Sum"/> is, one value at a time.</summary>
    internal static double SumScalar(ReadOnlySpan<double> values)
    {
        Span<double> lanes = stackalloc double[Lanes];
        for (var i = 0; i < values.Length; i++)
        {
            lanes[i % Lanes] += values[i];
        }

        return Combine(lanes);
    }

    /// <summary>Σ x / n; NaN of nothing.</summary>
    public static double Mean(ReadOnlySpan<double> values) => values.IsEmpty ? double.NaN : Canonical(Sum(values) / values.Length);

    /// <summary>Σ (x − centre)²: with the mean as centre, the M2 of <see cref="MomentSummary"/>.</summary>
    public static double SquaresAround(ReadOnlySpan<double> values, double centre)
    {
        var (a, b, c, d) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        var middle = Vector256.Create(centre);
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values[..(values.Length & -Lanes)]);
        for (var i = 0; i + 3 < blocks.Length; i += 4)
        {
            var (p, q, r, s) = (blocks[i] - middle, blocks[i + 1] - middle, blocks[i + 2] - middle, blocks[i + 3] - middle);
            a += p * p;
            b += q * q;
            c += r * r;
            d += s * s;
        }

        Span<double> lanes = stackalloc double[Lanes];
        Store(lanes, a, b, c, d);
        var tail = values[(values.Length & -Lanes)..];
        for (var i = 0; i < tail.Length; i++)
        {
            lanes[i] += (tail[i] - centre) * (tail[i] - centre);
        }

        return Combine(lanes);
    }

    /// <summary>What <see cref="SquaresAround"/> is, one value at a time.</summary>
    internal static double SquaresAroundScalar(ReadOnlySpan<double> values, double centre)
    {
        Span<double> lanes = stackalloc double[Lanes];
        for (var i = 0; i < values.Length; i++)
        {
            lanes[i % Lanes] += (values[i] - centre) * (values[i] - centre);
        }

        return Combine(lanes);
    }

    /// <summary>Σ (x − mean)² / n, the variance of the values themselves; NaN of nothing.</summary>
    public static double Variance(ReadOnlySpan<double> values) =>
        values.IsEmpty ? double.NaN : Canonical(SquaresAround(values, Mean(values)) / values.Length);

    /// <summary>Count, mean, M2, least and greatest value in one go.</summary>
    public static MomentSummary Summary(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return default;
        }

        var mean = Mean(values);
        var (min, max) = Extremes(values);
        return new MomentSummary(values.Length, mean, SquaresAround(values, mean), min, max);
    }

    /// <summary>Whether a value is NaN.</summary>
    public static bool HasNaN(ReadOnlySpan<double> values)
    {
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var block in blocks)
        {
            if (!Vector256.EqualsAll(block, block))
            {
                return true;
            }
        }

        foreach (var value in values[(blocks.Length * Vector256<double>.Count)..])
        {
            if (double.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Least and greatest value; −0 is less than +0. Infinities the wrong way round of nothing.</summary>
    public static (double Min, double Max) Extremes(ReadOnlySpan<double> values)
    {
        var (low, high) = (Vector256.Create(double.PositiveInfinity), Vector256.Create(double.NegativeInfinity));
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var block in blocks)
        {
            low = Vector256.Min(low, block);
            high = Vector256.Max(high, block);
        }

        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < Vector256<double>.Count; i++)
        {
            (min, max) = (Math.Min(min, low[i]), Math.Max(max, high[i]));
        }

        foreach (var value in values[(blocks.Length * Vector256<double>.Count)..])
        {
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }

        return (Canonical(min), Canonical(max));
    }

    /// <summary>What <see cref="Extremes"/> is, one value at a time.</summary>
    internal static (double Min, double Max) ExtremesScalar(ReadOnlySpan<double> values)
    {
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }

        return (Canonical(min), Canonical(max));
    }

    private static void Store(Span<double> lanes, Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d)
    {
        a.CopyTo(lanes);
        b.CopyTo(lanes[4..]);
        c.CopyTo(lanes[8..]);
        d.CopyTo(lanes[12..]);
    }

    private static double Combine(ReadOnlySpan<double> lanes)
    {
        Span<double> four = stackalloc double[4];
        for (var i = 0; i < 4; i++)
        {
            four[i] = lanes[i] + lanes[i + 4] + (lanes[i + 8] + lanes[i + 12]);
        }

        return Canonical(four[0] + four[1] + (four[2] + four[3]));
    }

    // sign and payload of a NaN differ between instruction sets; saved bytes must not
    private static double Canonical(double value) => double.IsNaN(value) ? double.NaN : value;
}
