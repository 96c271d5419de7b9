using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The distances of the default set-up, each with the thresholds that this window and its references call for.</summary>
/// <remarks>
/// Thresholds grow with the sampling error of window and references, with the dependence of neighbouring rounds (<see cref="Dependence"/>)
/// and with what the stream did within its own reference period (<see cref="ModelStream.BlockVariance"/>); the floors are the usual ones of the field.
/// Calibrated by the scenarios benchmark.
/// </remarks>
internal static class StreamDistances
{
    private const int Deciles = 10;

    // one in 10⁷, as a normal quantile: a day at 1,000 events/s holds 42,000 windows of 2,048 events that do not overlap, and many that do
    private const double FarInTheTail = 5.2;

    // the largest PSI of a cycle over what its blocks let expect: a sinusoid that moves a normal stream by A standard deviations has a PSI of up to A²
    // and a variance of mean u of A²/25, or a mean φ² of A²/2; and three quarters more, since no cycle is quite like the last
    private const double PsiPerBlockVariance = 45;
    private const double PsiPerContingency = 3.5;

    /// <summary>Population stability index over the reference's deciles.</summary>
    public static Measure Psi(ModelStream stream)
    {
        Span<double> expected = stackalloc double[NumericReference.Bins];
        var total = stream.Window.Total;
        stream.Expected.BinShares(total.PerPartition, expected);
        var statistic = Drift.Psi.OfCounts(expected, total.Bins);
        return PsiMeasure(stream, statistic, Deciles - 1, PsiPerBlockVariance * stream.BlockVariance);
    }

    /// <summary>Population stability index over the 20 commonest categories and the rest.</summary>
    public static Measure CategoricalPsi(ModelStream stream)
    {
        Span<double> expected = stackalloc double[Expectation.Commonest + 1];
        Span<long> counts = stackalloc long[Expectation.Commonest + 1];
        var cells = stream.Expected.Categories(stream.Window.Total, expected, counts);
        var statistic = Drift.Psi.OfCounts(expected[..cells], counts[..cells], cells);
        return PsiMeasure(stream, statistic, Math.Max(1, cells - 1), PsiPerContingency * stream.BlockVariance);
    }

    /// <summary>Kolmogorov–Smirnov distance of the u-histogram from what the references let expect.</summary>
    public static Measure Ks(ModelStream stream)
    {
        Span<double> expected = stackalloc double[NumericReference.Bins];
        var total = stream.Window.Total;
        stream.Expected.BinShares(total.PerPartition, expected);
        var (statistic, direction) = KolmogorovSmirnov.OfCounts(expected, total.Bins);
        var error = Math.Sqrt(SamplingError(stream));
        var spread = 2.5 * Math.Sqrt(stream.BlockVariance);
        return new Measure(
            statistic, Math.Max(0.08, 2.25 * error) + spread, Math.Max(0.12, 2.6 * error) + spread,
            stream.ReferenceMean, stream.Window.RawMean, direction);
    }

    /// <summary>Share of categories that no reference knows, against the share of new ones that it lets expect (Good–Turing).</summary>
    public static Measure NewCategories(ModelStream stream)
    {
        var total = stream.Window.Total;
        var expected = stream.Expected.Weighted(total.PerPartition, static reference => reference.NewShare);
        return Excess(stream, expected, (double)total.NewCategories / total.Count);
    }

    /// <summary>A share (missing, failure) against the reference's.</summary>
    public static Measure Share(ModelStream stream) => Excess(stream, stream.ReferenceMean, stream.Window.Mean);

    private static Measure PsiMeasure(ModelStream stream, double statistic, int freedom, double spread)
    {
        var noise = SamplingError(stream) * ChiSquareQuantile(freedom, FarInTheTail);
        return new Measure(
            statistic, Math.Max(0.1, noise) + spread, Math.Max(0.2, noise) + spread, stream.ReferenceMean, stream.Window.RawMean, DirectionOf(stream));
    }

    private static Measure Excess(ModelStream stream, double expected, double share)
    {
        // half an event and one more, so that a reference without a single case still has an error
        var references = stream.Expected.EffectiveCount(stream.Window.Total.PerPartition);
        var p = ((expected * references) + 0.5) / (references + 1);
        var drift = 0.01 + (4 * Math.Sqrt(p * (1 - p) * SamplingError(stream)));
        return new Measure(share - expected, drift, drift, expected, share, share > expected ? Direction.Up : Direction.Down);
    }

    /// <summary>Wilson and Hilferty's approximation (1931): the cube root of a chi-square is nearly normal.</summary>
    internal static double ChiSquareQuantile(int freedom, double deviations)
    {
        var variance = 2.0 / (9 * freedom);
        var root = 1 - variance + (deviations * Math.Sqrt(variance));
        return freedom * root * root * root;
    }

    private static double SamplingError(ModelStream stream)
    {
        var references = stream.Expected.EffectiveCount(stream.Window.Total.PerPartition);
        return stream.DependenceRatio * ((1.0 / stream.Window.Total.Count) + (references > 0 ? 1 / references : 0));
    }

    private static Direction DirectionOf(ModelStream stream) => stream.Window.Mean >= 0.5 ? Direction.Up : Direction.Down;
}
