namespace Streaming.Drift;

/// <summary>Cramér–von Mises statistic of two samples: T = n m / N² Σ (F − G)² over all N = n + m values.</summary>
/// <remarks>
/// T. W. Anderson, On the distribution of the two-sample Cramér–von Mises criterion, Ann. Math. Stat. 33, 1962, equation 4. Tied values are one step of both functions, so equal
/// distributions have 0 whatever their ties. The p-value is that of the limit W², after T is brought to the limit's mean and variance by its own (Anderson, section 4):
/// good from about 10 values on each side. Equal constants: 0, p-value 1.
/// </remarks>
public static class CramerVonMises
{
    /// <summary>Statistic and p-value of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current) =>
        Pooled.OfSamples("cvm", reference, current, static (before, after) => Between(before.Values, after.Values));

    private static DistanceResult Between(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var pooled = new Pooled(reference, current);
        var sum = 0.0;
        var (n, m) = ((double)reference.Length, (double)current.Length);
        while (pooled.Next())
        {
            var difference = (double)((long)pooled.First * current.Length - (long)pooled.Second * reference.Length);
            sum += difference * difference * (pooled.InFirst + pooled.InSecond);
        }

        var statistic = sum / (n * m) / ((n + m) * (n + m));
        return new DistanceResult("cvm", statistic, sum == 0 ? 1 : Tail(n, m, statistic));
    }

    private static double Tail(double n, double m, double statistic)
    {
        var (total, pairs) = (n + m, n * m);
        var mean = (1 + 1 / total) / 6;
        var variance = (total + 1) * (4 * pairs * total - 3 * (n * n + m * m) - 2 * pairs) / (180 * total * total * pairs);

        // mean 1/6 and variance 1/45 are those of the limit
        return variance <= 0 ? 1 : QuadraticFormLaw.CramerVonMises(1 / 6.0 + (statistic - mean) / Math.Sqrt(45 * variance));
    }
}
