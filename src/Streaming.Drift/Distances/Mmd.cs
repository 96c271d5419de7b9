using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Streaming.Drift;

/// <summary>Options of <see cref="Mmd"/>.</summary>
public sealed record MmdOptions
{
    /// <summary>Width s of the kernel exp(−‖a − b‖² / (2 s²)).</summary>
    /// <value>Unit of the values, at least 0; 0 takes the median distance between (up to 256) rows of the reference. Default 0.</value>
    public double Bandwidth { get; init; }

    /// <summary>Random Fourier features in place of the exact kernel: time grows with n, not n²; the standard error of the kernel is at most 1/√features.</summary>
    /// <value>0 to 65,536; 0 is exact. Default 0.</value>
    public int Features { get; init; }

    /// <summary>Seed of the features.</summary>
    /// <value>Any whole number from 0. Default 1.</value>
    public int Seed { get; init; } = 1;
}

/// <summary>Maximum mean discrepancy with a Gaussian kernel: the unbiased estimate of its square, of numbers or of rows of several.</summary>
/// <remarks>
/// A. Gretton, K. M. Borgwardt, M. J. Rasch, B. Schölkopf, A. Smola, A kernel two-sample test, J. Machine Learning Research 13, 2012, lemma 6 (MMD²ᵤ). About 0 without drift, and then below 0 half of the time;
/// at most 2. The p-value needs no permutation: it is the large-deviation bound exp(−t² r / 8), r = ⌊min(n, m) / 2⌋, of their theorem 10 (kernel from 0 to 1), which holds for any distribution and is therefore far too great for
/// small effects: never too small. Fewer than two rows on one side: NaN. Equal constants: 0, p-value 1.
/// </remarks>
public static class Mmd
{
    private const int MedianRows = 256;

    /// <summary>The estimate for two samples of numbers. NaN and infinities are left out and counted.</summary>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, MmdOptions? options = null)
    {
        var finite = Bins.Finite(current, out var ignored);
        return OfFinite(reference.Values, finite, 1, options ?? new MmdOptions()) with { Ignored = reference.Ignored + ignored };
    }

    /// <summary>The estimate for two samples of rows. Rows with a NaN or an infinity are left out and counted.</summary>
    /// <param name="reference">What normal was: row after row.</param>
    /// <param name="current">What is compared with it: row after row.</param>
    /// <param name="columns">Numbers in a row, at least 1.</param>
    /// <param name="options">Kernel and features.</param>
    public static DistanceResult OfRows(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, int columns, MmdOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reference.Length % columns, 0, nameof(reference));
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length % columns, 0, nameof(current));
        var (before, after) = (FiniteRows(reference, columns), FiniteRows(current, columns));
        var ignored = (reference.Length - before.Length + current.Length - after.Length) / columns;
        return OfFinite(before, after, columns, options ?? new MmdOptions()) with { Ignored = ignored };
    }

    /// <summary>Median distance between rows, at most 256 of them, evenly chosen; 1 where that is 0.</summary>
    internal static double MedianDistance(ReadOnlySpan<double> rows, int columns)
    {
        var count = rows.Length / columns;
        var used = Math.Min(count, MedianRows);
        var (squared, next) = (new double[used * (used - 1) / 2], 0);
        for (var i = 0; i < used; i++)
        {
            for (var j = 0; j < i; j++)
            {
                squared[next++] = SquaredDistance(Row(rows, (int)((long)i * count / used), columns), Row(rows, (int)((long)j * count / used), columns));
            }
        }

        var median = Math.Sqrt(new SortedSample(squared).Quantile(0.5));
        return median > 0 ? median : 1;
    }

    /// <summary>P(MMD²ᵤ ≥ t) at most, without drift.</summary>
    internal static double Bound(double statistic, long n, long m) =>
        statistic <= 0 ? 1 : Math.Exp(-statistic * statistic * (Math.Min(n, m) / 2) / 8);

    private static DistanceResult OfFinite(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, int columns, MmdOptions options)
    {
        var (n, m) = (reference.Length / columns, current.Length / columns);
        if (n < 2 || m < 2)
        {
            return new DistanceResult("mmd", double.NaN);
        }

        var width = options.Bandwidth > 0 ? options.Bandwidth : MedianDistance(reference, columns);
        var statistic = options.Features > 0
            ? ByFeatures(reference, current, new RandomFeatures(columns, options.Features, width, options.Seed))
            : Exact(reference, current, columns, -1 / (2 * width * width));
        return new DistanceResult("mmd", statistic, Bound(statistic, n, m));
    }

    private static double ByFeatures(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, RandomFeatures features)
    {
        var (before, after) = (new FeatureSums(features), new FeatureSums(features));
        before.AddRows(reference);
        after.AddRows(current);
        return before.Mmd(after);
    }

    private static double Exact(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, int columns, double scale)
    {
        var (n, m) = ((double)(reference.Length / columns), (double)(current.Length / columns));
        var squared = new double[Math.Max(reference.Length, current.Length) / columns];
        var (within, other, between) = (0.0, 0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            within += Kernels(Row(reference, i, columns), reference[..(i * columns)], columns, scale, squared);
            between += Kernels(Row(reference, i, columns), current, columns, scale, squared);
        }

        for (var i = 0; i < m; i++)
        {
            other += Kernels(Row(current, i, columns), current[..(i * columns)], columns, scale, squared);
        }

        return 2 * within / (n * (n - 1)) + 2 * other / (m * (m - 1)) - 2 * between / (n * m);
    }

    /// <summary>Σ exp(scale ‖row − other‖²) over other rows.</summary>
    private static double Kernels(ReadOnlySpan<double> row, ReadOnlySpan<double> others, int columns, double scale, Span<double> squared)
    {
        var count = others.Length / columns;
        for (var i = 0; i < count; i++)
        {
            squared[i] = columns == 1 ? (row[0] - others[i]) * (row[0] - others[i]) : SquaredDistance(row, Row(others, i, columns));
        }

        return SumOfExp(squared[..count], scale);
    }

    /// <summary>Σ exp(scale x) for scale x ≤ 0, in four lanes: the same bits on every CPU.</summary>
    /// <remarks>As <see cref="DeterministicMath.Exp"/>: powers of two taken out, then a series.</remarks>
    private static double SumOfExp(ReadOnlySpan<double> values, double scale)
    {
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values);
        var sum = Vector256<double>.Zero;
        foreach (var block in blocks)
        {
            // what is below e^−700 counts as that
            sum += Exp(Vector256.Max(block * scale, Vector256.Create(-700.0)));
        }

        var total = sum[0] + sum[1] + (sum[2] + sum[3]);
        foreach (var value in values[(blocks.Length * Vector256<double>.Count)..])
        {
            total += DeterministicMath.Exp(value * scale);
        }

        return total;
    }

    private static Vector256<double> Exp(Vector256<double> x)
    {
        // adding 1.5 · 2^52 leaves the nearest whole number in the low bits
        var shift = Vector256.Create(6_755_399_441_055_744.0);
        var shifted = x * 1.4426950408889634 + shift;
        var k = shifted - shift;
        var r = x - k * 6.93147180369123816490e-01 - k * 1.90821492927058770002e-10;
        var series = Vector256<double>.One;
        for (var n = 13; n >= 1; n--)
        {
            series = series * r * (1.0 / n) + Vector256<double>.One;
        }

        var power = Vector256.ShiftLeft(shifted.AsInt64() + Vector256.Create(1_023L), 52).AsDouble();
        return series * power;
    }

    private static double[] FiniteRows(ReadOnlySpan<double> rows, int columns)
    {
        var kept = new List<double>(rows.Length);
        for (var i = 0; i < rows.Length / columns; i++)
        {
            _ = Bins.Finite(Row(rows, i, columns), out var wrong);
            if (wrong == 0)
            {
                kept.AddRange(Row(rows, i, columns));
            }
        }

        return [.. kept];
    }

    private static double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }

    private static ReadOnlySpan<double> Row(ReadOnlySpan<double> rows, int index, int columns) => rows.Slice(index * columns, columns);
}
