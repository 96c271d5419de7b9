using MathNet.Numerics;

namespace Streaming.Drift;

/// <summary>Which law gives the p-value of <see cref="MannWhitney"/>.</summary>
public enum MannWhitneyMethod
{
    /// <summary>Exact where nothing is tied, one sample has up to 8 values and the other up to 200; else the normal limit.</summary>
    Auto,

    /// <summary>The normal limit, corrected for ties and continuity.</summary>
    Asymptotic,
}

/// <summary>Mann–Whitney (Wilcoxon rank-sum) statistic as a share: how often a current value is greater than one of the reference, ties half.</summary>
/// <remarks>
/// H. B. Mann, D. R. Whitney, On a test of whether one of two random variables is stochastically larger than the other, Ann. Math. Stat. 18, 1947; ties: E. L. Lehmann, Nonparametrics, 1975, section
/// 1.4. The statistic is U / (n m), from 0 to 1, 0.5 without drift (the area under the ROC curve); U of the current sample by midranks. Two-sided p-value: exact by counting orders, else the normal
/// limit with the variance for ties and ½ taken off for continuity, as SciPy's <c>mannwhitneyu</c>. All values equal: 0.5, p-value 1.
/// </remarks>
public static class MannWhitney
{
    private const int Few = 8;
    private const int Many = 200;

    /// <summary>Statistic and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="method">Law of the p-value.</param>
    public static DistanceResult OfSamples(
        PreparedReference reference, ReadOnlySpan<double> current, MannWhitneyMethod method = MannWhitneyMethod.Auto) =>
        Pooled.OfSamples("mann-whitney", reference, current, (before, after) => Between(before.Values, after.Values, method));

    private static DistanceResult Between(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, MannWhitneyMethod method)
    {
        var pooled = new Pooled(reference, current);
        var (twice, tied) = (0L, 0.0);
        while (pooled.Next())
        {
            // pairs that the current value wins count two, ties one
            twice += (long)pooled.InSecond * (2L * pooled.First - pooled.InFirst);
            var here = (double)pooled.InFirst + pooled.InSecond;
            tied += here * here * here - here;
        }

        var (n, m) = ((double)reference.Length, (double)current.Length);
        var (least, most) = (Math.Min(reference.Length, current.Length), Math.Max(reference.Length, current.Length));
        var exact = method == MannWhitneyMethod.Auto && tied == 0 && least <= Few && most <= Many;
        var greater = Math.Max(twice / 2.0, n * m - twice / 2.0);
        var pValue = exact ? Exact(least, most, (long)greater) : Normal(n, m, tied, greater);
        return new DistanceResult("mann-whitney", twice / 2.0 / (n * m), pValue);
    }

    private static double Normal(double n, double m, double tied, double greater)
    {
        var total = n + m;
        var variance = n * m / 12 * (total + 1 - tied / (total * (total - 1)));
        return variance <= 0 ? 1 : Math.Min(1, SpecialFunctions.Erfc((greater - n * m / 2 - 0.5) / Math.Sqrt(2 * variance)));
    }

    /// <summary>2 P(U ≥ u) over all orders: coefficients of the Gaussian binomial, Π (1 − q^(m+i)) / (1 − q^i), whole and below 2⁵³.</summary>
    private static double Exact(int few, int many, long greater)
    {
        var ways = new double[few * many + 1];
        ways[0] = 1;
        for (var i = 1; i <= few; i++)
        {
            for (var u = ways.Length - 1; u >= many + i; u--)
            {
                ways[u] -= ways[u - many - i];
            }

            for (var u = i; u < ways.Length; u++)
            {
                ways[u] += ways[u - i];
            }
        }

        var (all, reached) = (0.0, 0.0);
        for (var u = 0; u < ways.Length; u++)
        {
            all += ways[u];
            reached += u >= greater ? ways[u] : 0;
        }

        return Math.Min(1, 2 * reached / all);
    }
}
