namespace Streaming.Drift;

/// <summary>Anderson–Darling statistic of two samples: squared differences of the distribution functions, weighted up in the tails.</summary>
/// <remarks>
/// F. W. Scholz, M. A. Stephens, K-sample Anderson–Darling tests, J. Am. Stat. Assoc. 82, 1987, equation 7 with k = 2: the midrank form A²ₐ, which is defined under ties (without them, up to a
/// factor near 1, A. N. Pettitt's statistic, Biometrika 63, 1976). The plain statistic, mean 1 without drift; SciPy's <c>anderson_ksamp</c> gives (A² − 1) / σ. The p-value is that
/// of the limit law, after the statistic is brought to the limit's standard deviation by its own (equation 4); SciPy interpolates a table from 0.001 to 0.25. All values equal: 0, p-value 1.
/// </remarks>
public static class AndersonDarling
{
    // variance of the limit, 2 (π² − 9) / 3
    private const double LimitVariance = 0.5797362673929057;

    /// <summary>Statistic and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current) =>
        Pooled.OfSamples("ad", reference, current, static (before, after) => Between(before.Values, after.Values));

    /// <summary>Variance of the statistic for samples of n and m values; that of the limit where fewer than four values leave none.</summary>
    internal static double Variance(long n, long m)
    {
        var total = n + m;
        if (total < 4)
        {
            return LimitVariance;
        }

        var (inverse, sum, nested) = (1.0 / n + 1.0 / m, 0.0, 0.0);
        for (var i = total - 1; i >= 1; i--)
        {
            // sum holds 1/(i+1) + … + 1/(N−1)
            nested += i <= total - 2 ? sum / (total - i) : 0;
            sum += 1.0 / i;
        }

        var a = 4 * nested - 6 + (10 - 6 * nested) * inverse;
        var b = (2 * nested - 4) * 4 + 16 * sum + (2 * nested - 14 * sum - 4) * inverse - 8 * sum + 4 * nested - 6;
        var c = (6 * sum + 2 * nested - 2) * 4 + (4 * sum - 4 * nested + 6) * 2 + (2 * sum - 6) * inverse + 4 * sum;
        var d = (2 * sum + 6) * 4 - 8 * sum;
        double size = total;
        return (((a * size + b) * size + c) * size + d) / ((size - 1) * (size - 2) * (size - 3));
    }

    private static DistanceResult Between(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var pooled = new Pooled(reference, current);
        var sum = 0.0;
        var (n, m) = ((double)reference.Length, (double)current.Length);
        var total = n + m;
        while (pooled.Next())
        {
            // half of what is tied counts as below
            var tied = (double)pooled.InFirst + pooled.InSecond;
            var below = pooled.First + pooled.Second - tied / 2;
            var spread = below * (total - below) - total * tied / 4;
            var difference = total * (pooled.First - pooled.InFirst / 2.0) - n * below;
            sum += difference == 0 ? 0 : tied * difference * difference / spread;
        }

        // the differences of the two samples are opposite, so one sum serves both
        var statistic = (total - 1) / (total * total) * sum * (1 / n + 1 / m);
        var scaled = 1 + (statistic - 1) * Math.Sqrt(LimitVariance / Variance(reference.Length, current.Length));
        return new DistanceResult("ad", statistic, sum == 0 ? 1 : QuadraticFormLaw.AndersonDarling(scaled));
    }
}
