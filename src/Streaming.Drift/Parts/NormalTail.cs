namespace Streaming.Drift;

/// <summary>The upper tail of the standard normal distribution, with the same bits on every CPU.</summary>
internal static class NormalTail
{
    private const double Density = 0.39894228040143267794;

    /// <summary>P(Z > x) for x ≥ 0.</summary>
    /// <remarks>Abramowitz, Stegun 26.2.11 (series, below 4) and 26.2.14 (continued fraction, above).</remarks>
    public static double Above(double x)
    {
        var density = Density * DeterministicMath.Exp(-x * x / 2);
        if (x < 4)
        {
            var (term, sum) = (x, x);
            for (var k = 3; term > sum * 1e-17; k += 2)
            {
                term *= x * x / k;
                sum += term;
            }

            return 0.5 - (density * sum);
        }

        var fraction = x;
        for (var k = 60; k >= 1; k--)
        {
            fraction = x + (k / fraction);
        }

        return density / fraction;
    }

    /// <summary>The x ≥ 0 that is passed with probability <paramref name="p"/>, 0 &lt; p ≤ 0.5.</summary>
    public static double Quantile(double p)
    {
        var (low, high) = (0.0, 38.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Above(middle) > p ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }
}
