namespace Streaming.Monitoring;

/// <summary>Makes of a version's sums what metrics show.</summary>
internal static class PerformanceStanding
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];

    public static VersionPerformance Of(string model, VersionMonitor version)
    {
        var performance = version.Performance;
        var standing = new VersionPerformance(model, version.Version)
        {
            Coverage = version.Events > 0 ? (double)version.Labels / version.Events : 0,
            CurrentCoverage = performance.Coverage,
            Moved = Movement.Of(version, long.MaxValue, errorChanged: false),
        };
        if (performance.Cumulative is not { } cumulative || performance.Current() is not { } current)
        {
            return standing;
        }

        var figures = new List<PerformanceFigure>();
        Add(figures, "current", current, performance.Reference);
        Add(figures, "cumulative", cumulative, performance.Reference);
        if (performance.Reference is { } reference)
        {
            Add(figures, "reference", reference, reference);
        }

        return standing with
        {
            Figures = figures,
            Baselines =
            [
                .. PerformanceFigures.Levels(current, performance.Reference).Select(static level => new BaselineStanding(level.Baseline, level.Level)),
            ],
            Delays = Delays(cumulative),
        };
    }

    private static void Add(List<PerformanceFigure> figures, string window, PerformanceSums sums, PerformanceSums? reference)
    {
        foreach (var (metric, value) in PerformanceFigures.Of(sums, reference))
        {
            figures.Add(new PerformanceFigure(metric, window, value));
        }
    }

    private static List<LabelDelay> Delays(PerformanceSums sums)
    {
        var (all, late, found) = (new long[DelayCounts.Bins], 0L, new List<LabelDelay>());
        for (var index = 0; index < sums.Delays.Classes; index++)
        {
            var counts = sums.Delays.Of(index);
            var own = 0L;
            for (var bin = 0; bin < counts.Length; bin++)
            {
                all[bin] += counts[bin];
                own += counts[bin];
            }

            late += own;
            if (own > 0 && sums.Classes is { } classes)
            {
                Add(found, PerformanceFigures.NameOf(classes, index), counts, Labels(classes, index) - own);
            }
        }

        Add(found, "", all, sums.Count - late);
        return found;
    }

    private static void Add(List<LabelDelay> delays, string name, ReadOnlySpan<long> counts, long atOnce)
    {
        foreach (var quantile in Quantiles)
        {
            delays.Add(new LabelDelay(name, quantile, DelayCounts.Quantile(counts, atOnce, quantile)));
        }
    }

    private static long Labels(ClassCounts classes, int index)
    {
        var labels = 0L;
        for (var prediction = 0; prediction < classes.Classes; prediction++)
        {
            labels += classes.Cell(index, prediction);
        }

        return labels;
    }
}
