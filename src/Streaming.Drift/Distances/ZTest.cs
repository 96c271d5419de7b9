using MathNet.Numerics;

namespace Streaming.Drift;

/// <summary>Z-test of two proportions: (q − p) / √(s (1 − s)(1/n + 1/m)), s the share of both samples together.</summary>
/// <remarks>
/// R. A. Fisher's and K. Pearson's comparison of two rates; A. Agresti, Categorical Data Analysis, 3rd ed., 2013, section 3.2: the pooled form, whose square is the chi-square statistic of the same
/// two by two table. In standard errors, signed: above 0 where the share rose. Two-sided p-value of the normal limit. Where all or none have it on both sides: 0, p-value 1.
/// </remarks>
public static class ZTest
{
    /// <summary>Statistic and p-value of the shares of values above a bound. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    /// <param name="above">Values above it have what is counted. Default 0.5: the ones of 0/1 values.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current, double above = 0.5) =>
        OfCounts(Proportions.OfSamples(reference, current, above, out var ignored)) with { Ignored = ignored };

    /// <summary>Statistic and p-value of counts; NaN where one side is empty.</summary>
    public static DistanceResult OfCounts(Proportions counts)
    {
        counts.Validate();
        if (counts.Reference == 0 || counts.Current == 0)
        {
            return new DistanceResult("z", double.NaN);
        }

        var (n, m) = ((double)counts.Reference, (double)counts.Current);
        var share = (counts.Before + (double)counts.After) / (n + m);
        var error = Math.Sqrt(share * (1 - share) * (1 / n + 1 / m));
        var z = error == 0 ? 0 : counts.Difference / error;
        return new DistanceResult("z", z, SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2)));
    }
}
