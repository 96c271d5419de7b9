namespace Streaming.Drift;

/// <summary>Logarithm and exponential that give the same bits on every CPU and C library.</summary>
/// <remarks>
/// The C library's functions may use fused operations where the CPU has them, so their last bit differs between machines. These use only IEEE
/// additions, multiplications and divisions in a fixed order. Method: argument reduction by powers of two, then a series whose truncation lies
/// below half an ulp (Muller, Elementary Functions, 3rd ed., chapters 3 and 11). Error below 2 ulp.
/// </remarks>
public static class DeterministicMath
{
    // ln 2 in two parts, the first with its last 21 bits zero, so that k · high is exact for every exponent k
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double Log2E = 1.4426950408889634;
    private const double SqrtHalf = 0.70710678118654752440;

    /// <summary>Natural logarithm: NaN below zero, −∞ at zero.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x))
        {
            return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        }

        var exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            (x, exponent) = (x * 18_014_398_509_481_984.0, -54);
        }

        var bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> 52) - 1_022;
        var m = BitConverter.Int64BitsToDouble((bits & 0x000f_ffff_ffff_ffff) | 0x3fe0_0000_0000_0000);
        if (m < SqrtHalf)
        {
            m *= 2;
            exponent--;
        }

        // ln(1 + f) = f − f²/2 + s (f²/2 + R), s = f / (2 + f), R from the odd powers of s: nothing is lost where f is small
        var f = m - 1;
        var s = f / (2 + f);
        var z = s * s;
        var series = 2.0 / 23 * z;
        series = (series + (2.0 / 21)) * z;
        series = (series + (2.0 / 19)) * z;
        series = (series + (2.0 / 17)) * z;
        series = (series + (2.0 / 15)) * z;
        series = (series + (2.0 / 13)) * z;
        series = (series + (2.0 / 11)) * z;
        series = (series + (2.0 / 9)) * z;
        series = (series + (2.0 / 7)) * z;
        series = (series + (2.0 / 5)) * z;
        series = (series + (2.0 / 3)) * z;

        var half = 0.5 * f * f;
        return (exponent * Ln2High) - (half - ((s * (half + series)) + (exponent * Ln2Low)) - f);
    }

    /// <summary>e to the power of x: 0 for very small x, ∞ for very large.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x) || x > 709.782712893384)
        {
            return double.IsNaN(x) ? x : double.PositiveInfinity;
        }

        if (x < -745.1332191019412)
        {
            return 0;
        }

        var k = (int)Math.Floor((x * Log2E) + 0.5);
        var high = x - (k * Ln2High);
        var low = k * Ln2Low;
        var r = high - low;

        // r − low part again, so that the rounding of r itself is made good
        var correction = high - r - low;
        var series = 0.0;
        for (var n = 14; n >= 2; n--)
        {
            series = (series + 1) * (r / n);
        }

        var y = 1 + (r + ((r * series) + correction));
        return Scale(y, k);
    }

    private static double Scale(double y, int k)
    {
        // two steps, since 2^k alone may lie outside the range where the product does not
        var first = k / 2;
        return y * PowerOfTwo(first) * PowerOfTwo(k - first);
    }

    private static double PowerOfTwo(int k) => BitConverter.Int64BitsToDouble((long)(k + 1_023) << 52);
}
