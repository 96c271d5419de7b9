using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Whether labels changed where predictions are alike: P(y|x), as far as the prediction tells x.</summary>
/// <remarks>
/// <para>Events are grouped by their prediction: tenths of the reference's scores that do not cross 0.5, predicted classes, tenths of the prediction's
/// u-value. Within each group the error is compared between reference and current window; so a change of inputs that only moves events from group to
/// group does not count. Two tests: the mean error over the current window's groups, which a change in one direction moves, and the sum over groups of
/// squared differences, which changes that cancel move. Each difference is measured in its sampling error, that of the reference included, times the
/// long-run over pooled variance of the error stream.</para>
/// <para>A limit: inputs that move within a group to where the model was always worse look like a change of P(y|x).</para>
/// </remarks>
internal static class LabelShift
{
    /// <summary>Labels from which a window is judged.</summary>
    public const long FewestLabels = 200;

    /// <summary>Standard errors that a difference must exceed where nothing else says that labels changed: one in 16,000, two-sided.</summary>
    public const double Unasked = 4;

    /// <summary>The same where the error is known to have changed, and the question is only whether inputs explain it: one in 370.</summary>
    public const double ErrorChanged = 3;

    private const long FewestOfGroup = 5;

    /// <summary>The stronger of the two tests; null where there are too few labels.</summary>
    /// <param name="reference">The reference period.</param>
    /// <param name="current">The window that is compared with it, of the same task.</param>
    /// <param name="dependence">Long-run over pooled variance of the error, at least 1.</param>
    /// <param name="errors">Standard errors, or their like for the sum of squares, that must be exceeded.</param>
    public static MovedEvidence? Measure(PerformanceSums reference, PerformanceSums current, double dependence, double errors)
    {
        if (reference.Count < FewestLabels || current.Count < FewestLabels)
        {
            return null;
        }

        if (reference.Distances is { } distances)
        {
            var sizes = OfDistances(distances, current.Distances!, static (sums, i) => sums.TenthAbsolute[i]);
            var biases = OfDistances(distances, current.Distances!, static (sums, i) => sums.TenthError[i]);
            return Stronger(
                Mean(sizes, dependence, errors, "absolute error at equal predictions"), Spread(biases, dependence, errors, "bias by prediction"));
        }

        var isBinary = reference.Task == ModelTask.Binary;
        var groups = isBinary ? OfScores(reference.Scores!, current.Scores!) : OfClasses(reference.Classes!, current.Classes!);
        return Stronger(
            Mean(groups, dependence, errors, isBinary ? "error at equal scores" : "error at equal predicted classes"),
            Spread(groups, dependence, errors, isBinary ? "error by score" : "error by predicted class"));
    }

    private static MovedEvidence? Stronger(MovedEvidence? a, MovedEvidence? b) =>
        a is not { } first ? b : b is not { } second ? a : first.Value / first.Threshold >= second.Value / second.Threshold ? a : b;

    private static MovedEvidence? Mean(List<Group> groups, double dependence, double errors, string test)
    {
        var (total, before, after, variance) = (groups.Sum(static group => group.Current), 0.0, 0.0, 0.0);
        foreach (var group in groups)
        {
            var weight = (double)group.Current / total;
            before += weight * group.Before;
            after += weight * group.After;
            variance += weight * weight * group.Variance;
        }

        return total < FewestLabels
            ? null
            : Evidence(test, Math.Abs(after - before), errors * Math.Sqrt(variance * dependence), before, after, total);
    }

    private static MovedEvidence? Spread(List<Group> groups, double dependence, double errors, string test)
    {
        var (total, sum, before, after) = (groups.Sum(static group => group.Current), 0.0, 0.0, 0.0);
        foreach (var group in groups)
        {
            sum += (group.After - group.Before) * (group.After - group.Before) / group.Variance;
            before += group.Before * group.Current / total;
            after += group.After * group.Current / total;
        }

        return total < FewestLabels
            ? null
            : Evidence(test, sum, dependence * StreamDistances.ChiSquareQuantile(groups.Count, errors), before, after, total);
    }

    private static MovedEvidence Evidence(string test, double value, double threshold, double before, double after, long count) =>
        new(MovedEvidence.LabelsGivenInputs, ErrorStream.Name, test, value, threshold, before, after, count);

    private static List<Group> OfScores(ScoreCounts reference, ScoreCounts current)
    {
        var groups = new List<Group>();
        var (n, wrong, m, wrongNow) = (0L, 0L, 0L, 0L);
        for (var bin = 0; bin < ScoreBins.Count; bin++)
        {
            var isPositive = bin >= ScoreBins.FirstPositive;
            n += reference.Hits[bin] + reference.Misses[bin];
            wrong += isPositive ? reference.Misses[bin] : reference.Hits[bin];
            m += current.Hits[bin] + current.Misses[bin];
            wrongNow += isPositive ? current.Misses[bin] : current.Hits[bin];
            if (n * 10 >= reference.Count || bin is ScoreBins.FirstPositive - 1 or ScoreBins.Count - 1)
            {
                AddShares(groups, n, wrong, m, wrongNow);
                (n, wrong, m, wrongNow) = (0, 0, 0, 0);
            }
        }

        return groups;
    }

    private static List<Group> OfClasses(ClassCounts reference, ClassCounts current)
    {
        var groups = new List<Group>();
        for (var index = 1; index < reference.Classes; index++)
        {
            var now = 1;
            while (now < current.Classes && !current.Name(now).SequenceEqual(reference.Name(index)))
            {
                now++;
            }

            if (now < current.Classes)
            {
                var ((n, wrong), (m, wrongNow)) = (Wrong(reference, index), Wrong(current, now));
                AddShares(groups, n, wrong, m, wrongNow);
            }
        }

        return groups;
    }

    private static (long Count, long Wrong) Wrong(ClassCounts counts, int prediction)
    {
        var count = 0L;
        for (var label = 0; label < counts.Classes; label++)
        {
            count += counts.Cell(label, prediction);
        }

        return (count, count - counts.Cell(prediction, prediction));
    }

    private static void AddShares(List<Group> groups, long n, long wrong, long m, long wrongNow)
    {
        if (n < FewestOfGroup || m < FewestOfGroup)
        {
            return;
        }

        // half an event and one more, so that groups without a single error have a sampling error too
        var p = (wrong + wrongNow + 0.5) / (n + m + 1);
        groups.Add(new Group(m, (double)wrong / n, (double)wrongNow / m, p * (1 - p) * ((1.0 / n) + (1.0 / m))));
    }

    private static List<Group> OfDistances(DistanceSums reference, DistanceSums current, Func<DistanceSums, int, double> sumOf)
    {
        var groups = new List<Group>();
        for (var i = 0; i < DistanceSums.Tenths; i++)
        {
            var (n, m) = (reference.TenthCount[i], current.TenthCount[i]);
            if (n < FewestOfGroup || m < FewestOfGroup)
            {
                continue;
            }

            var (before, after) = (sumOf(reference, i) / n, sumOf(current, i) / m);
            var variance = (((reference.TenthSquares[i] / n) - (before * before)) / n) + (((current.TenthSquares[i] / m) - (after * after)) / m);
            if (variance > 0)
            {
                groups.Add(new Group(m, before, after, variance));
            }
        }

        return groups;
    }

    /// <summary>Error of like predictions before and now, and the variance of their difference.</summary>
    private readonly record struct Group(long Current, double Before, double After, double Variance);
}
