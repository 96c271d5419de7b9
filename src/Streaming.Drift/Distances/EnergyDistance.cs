namespace Streaming.Drift;

/// <summary>Energy distance: √(2 E|X − Y| − E|X − X′| − E|Y − Y′|), in one dimension √(2 ∫ (F − G)² dx).</summary>
/// <remarks>
/// G. J. Székely, M. L. Rizzo, Energy statistics, J. Stat. Planning Inference 143, 2013, section 2; the integral: H. Cramér, 1928. The square-root form, as SciPy's
/// <c>energy_distance</c>. In the root of the values' unit, from 0. Ties are one step; equal constants have distance 0. Its law depends on the distribution, so there is no p-value; scale: without
/// drift the square is about 2 (1/n + 1/m) ∫ F (1 − F) dx.
/// </remarks>
public static class EnergyDistance
{
    /// <summary>The distance of two samples. NaN and infinities are left out and counted.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static DistanceResult OfSamples(PreparedReference reference, ReadOnlySpan<double> current) =>
        Pooled.OfSamples("energy", reference, current, static (before, after) => new("energy", Between(before.Values, after.Values)));

    /// <summary>The distance of counts from expected shares over bins of equal width, whose widths together are 1 (u-values), each value moved to its bin's end.
    /// NaN where nothing was counted.</summary>
    /// <param name="expectedShares">Share of each bin under the reference; they sum to 1.</param>
    /// <param name="counts">Observed in each bin; as many.</param>
    public static double OfCounts(ReadOnlySpan<double> expectedShares, ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, expectedShares.Length, nameof(counts));
        var (total, expected, observed, sum) = (Bins.Total(counts), 0.0, 0L, 0.0);
        for (var i = 0; i < counts.Length - 1 && total > 0; i++)
        {
            expected += expectedShares[i];
            observed += counts[i];
            var difference = expected - (double)observed / total;
            sum += difference * difference;
        }

        return total == 0 ? double.NaN : Math.Sqrt(2 * sum / counts.Length);
    }

    private static double Between(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var pooled = new Pooled(reference, current);
        var (sum, place, difference) = (0.0, 0.0, 0.0);
        var size = (double)reference.Length * current.Length;
        while (pooled.Next())
        {
            sum += difference == 0 ? 0 : difference * difference * (pooled.Value - place);
            difference = ((long)pooled.First * current.Length - (long)pooled.Second * reference.Length) / size;
            place = pooled.Value;
        }

        return Math.Sqrt(2 * sum);
    }
}
