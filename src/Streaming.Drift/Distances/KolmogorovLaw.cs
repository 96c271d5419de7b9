using MathNet.Numerics;

namespace Streaming.Drift;

/// <summary>How likely a Kolmogorov–Smirnov distance is to be reached or passed by chance.</summary>
/// <remarks>
/// Two samples: exact, a recursion over lattice paths (J. L. Hodges, The significance probability of the Smirnov two-sample test,
/// 1958). One sample: the methods of R. Simard, P. L'Ecuyer, Computing the two-sided Kolmogorov–Smirnov distribution, J. Stat.
/// Software 39(11), 2011: twice Smirnov's one-sided law in the tail; the matrix of J. Durbin as evaluated by G. Marsaglia,
/// W. W. Tsang, J. Wang (J. Stat. Software 8(18), 2003) for small n d; else the expansion of W. Pelz, I. J. Good (J. R. Stat. Soc.
/// B 38, 1976).
/// </remarks>
internal static class KolmogorovLaw
{
    // n d² from which e^(−2 n d²) is no number any more
    private const double Vanishing = 373;

    // n d² from which both one-sided bounds are hardly ever passed by the same sample: relative error e^(−6 n d²)
    private const double FarTail = 4;

    private const int LargestMatrix = 40;

    /// <summary>P(D ≥ d) of two samples of n and m values without ties.</summary>
    /// <param name="n">Values in one sample.</param>
    /// <param name="m">Values in the other.</param>
    /// <param name="reach">d n m, a whole number.</param>
    public static double TwoSamples(int n, int m, long reach)
    {
        if (reach <= 0)
        {
            return 1;
        }

        if ((double)reach / n * ((double)reach / m) / ((double)n + m) >= Vanishing)
        {
            return 0;
        }

        // outside[j]: share of the paths from (0, 0) to (i, j) that somewhere met |i m − j n| ≥ reach; only sums of positive numbers
        var outside = new double[m + 1];
        Array.Fill(outside, 1);
        for (var i = 0L; i <= n; i++)
        {
            var from = Math.Max(0, FloorDivide(i * m - reach, n) + 1);
            var to = Math.Min(m, CeilingDivide(i * m + reach, n) - 1);
            if (from > 0 && from <= m)
            {
                outside[from - 1] = 1;
            }

            var below = from > 0 ? 1.0 : 0.0;
            for (var j = from; j <= to; j++)
            {
                var share = 1.0 / Math.Max(1, i + j);
                below = (i == 0 ? 0 : outside[j] * (i * share)) + below * (j * share);
                outside[j] = below;
            }
        }

        return Math.Min(1, outside[m]);
    }

    /// <summary>P(D ≥ d) of one sample of n values against its own distribution.</summary>
    public static double OneSample(long n, double d)
    {
        var squared = n * d * d;
        if (d >= 1 || squared >= Vanishing)
        {
            return 0;
        }

        if (n * d <= 0.5)
        {
            return 1;
        }

        if (d >= 0.5 || squared >= FarTail)
        {
            return Math.Min(1, 2 * OneSided(n, d));
        }

        return Math.Clamp(1 - (n * d <= LargestMatrix ? Durbin(n, d) : PelzGood(n, d)), 0, 1);
    }

    /// <summary>Smirnov's law P(D⁺ ≥ d) = d Σ C(n, j) (d + j/n)^(j−1) (1 − d − j/n)^(n−j), in logarithms.</summary>
    private static double OneSided(long n, double d)
    {
        var (sum, whole) = (0.0, SpecialFunctions.GammaLn(n + 1.0));
        for (var j = 0L; j < n * (1 - d); j++)
        {
            var (low, high) = (d + (double)j / n, 1 - d - (double)j / n);
            var ways = whole - SpecialFunctions.GammaLn(j + 1.0) - SpecialFunctions.GammaLn(n - j + 1.0);
            sum += high > 0 ? Math.Exp(ways + (j - 1) * Math.Log(low) + (n - j) * Math.Log(high)) : 0;
        }

        return d * sum;
    }

    /// <summary>P(D &lt; d) = n!/nⁿ (Hⁿ)ₖₖ with Durbin's matrix of 2k − 1 rows, k = ⌈n d⌉.</summary>
    internal static double Durbin(long n, double d)
    {
        var k = (int)(n * d) + 1;
        var size = 2 * k - 1;
        var matrix = DurbinMatrix(size, k - n * d);
        var (power, next) = (Identity(size), new double[size * size]);
        var (exponent, baseExponent) = (0L, 0L);
        for (var rest = n; rest > 0; rest >>= 1)
        {
            if ((rest & 1) == 1)
            {
                Multiply(power, matrix, next, size);
                (power, next) = (next, power);
                exponent += baseExponent + Rescale(power);
            }

            Multiply(matrix, matrix, next, size);
            (matrix, next) = (next, matrix);
            baseExponent = 2 * baseExponent + Rescale(matrix);
        }

        var log = SpecialFunctions.GammaLn(n + 1.0) - n * Math.Log(n) + exponent * Math.Log(2);
        return power[(k - 1) * size + k - 1] * Math.Exp(log);
    }

    private static double[] DurbinMatrix(int size, double h)
    {
        var matrix = new double[size * size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= Math.Min(row + 1, size - 1); column++)
            {
                var numerator = 1.0;
                numerator -= column == 0 ? Math.Pow(h, row + 1) : 0;
                numerator -= row == size - 1 ? Math.Pow(h, size - column) : 0;
                numerator += column == 0 && row == size - 1 && h > 0.5 ? Math.Pow(2 * h - 1, size) : 0;
                matrix[row * size + column] = numerator / SpecialFunctions.Factorial(row - column + 1);
            }
        }

        return matrix;
    }

    /// <summary>The expansion of P(D &lt; d) in powers of 1/√n; error below 1e−8 at n d = 40, less beyond.</summary>
    internal static double PelzGood(long n, double d)
    {
        var z = Math.Sqrt(n) * d;
        var (z2, pi2) = (z * z, Math.PI * Math.PI);
        var (z4, z6) = (z2 * z2, z2 * z2 * z2);
        var (k0, k1, k2, k3, extra2, extra3) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (var k = 40; k >= 0; k--)
        {
            var a = pi2 * (k + 0.5) * (k + 0.5);
            var weight = Math.Exp(-a / (2 * z2));
            k0 += weight;
            k1 += weight * (a - z2);
            k2 += weight * (6 * z6 + 2 * z4 + a * (2 * z4 - 5 * z2) + a * a * (1 - 2 * z2));
            k3 += weight * (a * a * a * (5 - 30 * z2) + a * a * (212 * z4 - 60 * z2) + a * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z4 * z4);
            var b = pi2 * k * k;
            weight = Math.Exp(-b / (2 * z2));
            extra2 += weight * b;
            extra3 += weight * b * (3 * z2 - b);
        }

        // the sums run over all whole k, so each of the terms above stands for two
        var root = 2 * Math.Sqrt(Math.PI / 2);
        var first = root * k0 / z;
        var second = root * k1 / (6 * z4);
        var third = root * (k2 / (72 * z6 * z) - extra2 / (36 * z2 * z));
        var fourth = root * (k3 / (6_480 * z6 * z4) + extra3 / (216 * z6));
        return first + second / Math.Sqrt(n) + third / n + fourth / (n * Math.Sqrt(n));
    }

    private static double[] Identity(int size)
    {
        var matrix = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            matrix[i * size + i] = 1;
        }

        return matrix;
    }

    private static void Multiply(double[] left, double[] right, double[] product, int size)
    {
        Array.Clear(product);
        for (var row = 0; row < size; row++)
        {
            for (var inner = 0; inner < size; inner++)
            {
                var factor = left[row * size + inner];
                for (var column = 0; column < size; column++)
                {
                    product[row * size + column] += factor * right[inner * size + column];
                }
            }
        }
    }

    /// <summary>Brings the middle element near 1; returns the power of two taken out.</summary>
    private static int Rescale(double[] matrix)
    {
        var exponent = Math.ILogB(matrix[matrix.Length / 2]);
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i] = Math.ScaleB(matrix[i], -exponent);
        }

        return exponent;
    }

    private static long FloorDivide(long value, long by) => value >= 0 ? value / by : -((-value + by - 1) / by);

    private static long CeilingDivide(long value, long by) => -FloorDivide(-value, by);
}
