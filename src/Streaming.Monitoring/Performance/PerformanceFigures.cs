using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One metric of performance.</summary>
internal readonly record struct Figure(string Metric, double Value);

/// <summary>All metrics of a model version's sums, and how it stands against what needs no model.</summary>
internal static class PerformanceFigures
{
    // normal quantiles: below the one a model is not shown to be better than a baseline, below the other it is shown to be worse
    private const double Better = 2;
    private const double Worse = -4;

    /// <summary>Labels from which a baseline is judged.</summary>
    public const long FewestLabels = 200;

    /// <summary>The metrics; those that are not defined are left out.</summary>
    /// <param name="sums">What they are made of.</param>
    /// <param name="reference">Where a baseline takes its class, share or mean from; null: from the sums themselves.</param>
    public static List<Figure> Of(PerformanceSums sums, PerformanceSums? reference)
    {
        var figures = new List<Figure> { new("labels", sums.Count) };
        if (sums.Count == 0)
        {
            return figures;
        }

        if (sums.Distances is { } distances)
        {
            AddDistances(figures, distances, reference?.Distances ?? distances);
        }
        else
        {
            AddClasses(figures, sums);
            AddScores(figures, sums, reference ?? sums);
            figures.Add(new("baseline_majority_accuracy", MajorityAccuracy(sums.Classes!, (reference ?? sums).Classes!)));
        }

        figures.RemoveAll(static figure => !double.IsFinite(figure.Value));
        return figures;
    }

    /// <summary>Against each baseline: Stable where the model is better, Warning where it is not shown to be, Drift where it is shown to be worse.</summary>
    public static IEnumerable<(string Baseline, DriftLevel Level)> Levels(PerformanceSums sums, PerformanceSums? reference)
    {
        if (sums.Distances is { } distances)
        {
            yield return ("mean", LevelOf(Advantage(distances.Squares, SquaresOf(distances, (reference?.Distances ?? distances).Label.Mean), sums.Count), sums.Count));
            var share = (double)distances.LastCount / sums.Count;
            yield return ("last", LevelOf(Advantage(distances.Squares * share, distances.LastSquares, distances.LastCount), distances.LastCount));
            yield break;
        }

        var classes = sums.Classes!;
        var majority = IndexIn(classes, (reference ?? sums).Classes!);
        var (onlyModel, onlyMajority) = (0L, 0L);
        for (var label = 1; label < classes.Classes; label++)
        {
            for (var prediction = 0; prediction < classes.Classes; prediction++)
            {
                onlyModel += label == prediction && label != majority ? classes.Cell(label, prediction) : 0;
                onlyMajority += label != prediction && label == majority ? classes.Cell(label, prediction) : 0;
            }
        }

        yield return ("majority", LevelOf(McNemar(onlyModel, onlyMajority), classes.Count));
        yield return ("last", LevelOf(McNemar(classes.OnlyModelRight, classes.OnlyLastRight), classes.LastCount));
    }

    private static void AddClasses(List<Figure> figures, PerformanceSums sums)
    {
        var (of, last) = (new ClassFigures(sums.Classes!), new ClassFigures(sums.Classes!, last: true));
        var isBinary = sums.Task == ModelTask.Binary;
        figures.AddRange(
        [
            new("accuracy", of.Accuracy), new("balanced_accuracy", of.BalancedAccuracy),
            new("precision", isBinary ? of.Precision(PerformanceSums.Positive) : of.Macro(static (f, i) => f.Precision(i))),
            new("recall", isBinary ? of.Recall(PerformanceSums.Positive) : of.Macro(static (f, i) => f.Recall(i))),
            new("f1", isBinary ? of.F1(PerformanceSums.Positive) : of.Macro(static (f, i) => f.F1(i))),
            new("mcc", of.Mcc), new("kappa", of.Kappa),
            new("baseline_last_accuracy", last.Accuracy), new("baseline_last_kappa", last.Kappa),
        ]);
        if (sums.Task == ModelTask.MultiClass)
        {
            figures.Add(new("other_classes", of.Share(0)));
        }
    }

    private static void AddScores(List<Figure> figures, PerformanceSums sums, PerformanceSums reference)
    {
        if (sums.Scores is not { Count: > 0 } scores)
        {
            return;
        }

        var (ece, mce) = ScoreFigures.Calibration(scores);
        figures.AddRange([new("log_loss", ScoreFigures.LogLoss(scores)), new("brier", ScoreFigures.Brier(scores)), new("ece", ece), new("mce", mce)]);
        if (sums.Task == ModelTask.Binary)
        {
            var (auc, error) = ScoreFigures.RocAuc(scores);
            var (logLoss, brier) = ScoreFigures.OfConstant(scores, new ClassFigures(reference.Classes!).Share(PerformanceSums.Positive));
            figures.AddRange([new("roc_auc", auc), new("roc_auc_error", error), new("baseline_prior_log_loss", logLoss), new("baseline_prior_brier", brier)]);
        }
    }

    private static void AddDistances(List<Figure> figures, DistanceSums sums, DistanceSums reference) => figures.AddRange(
    [
        new("mae", DistanceFigures.Mae(sums)), new("rmse", DistanceFigures.Rmse(sums)), new("bias", DistanceFigures.Bias(sums)),
        new("r2", DistanceFigures.R2(sums)), new("mean_label", sums.Label.Mean), new("mean_prediction", sums.Prediction.Mean),
        new("baseline_mean_rmse", DistanceFigures.RmseOfConstant(sums, reference.Label.Mean)),
        new("baseline_last_mae", sums.LastAbsolute / sums.LastCount), new("baseline_last_rmse", Math.Sqrt(sums.LastSquares / sums.LastCount)),
    ]);

    /// <summary>Accuracy of always saying the reference's commonest class.</summary>
    public static double MajorityAccuracy(ClassCounts counts, ClassCounts reference) => new ClassFigures(counts).Share(IndexIn(counts, reference));

    /// <summary>The reference's commonest class as it is numbered in other counts.</summary>
    private static int IndexIn(ClassCounts counts, ClassCounts reference)
    {
        var name = reference.Name(new ClassFigures(reference).Majority(reference));
        for (var i = 1; i < counts.Classes; i++)
        {
            if (counts.Name(i).SequenceEqual(name))
            {
                return i;
            }
        }

        return counts.Classes;
    }

    private static double SquaresOf(DistanceSums sums, double number) =>
        sums.Label.M2 + (sums.Label.Count * (sums.Label.Mean - number) * (sums.Label.Mean - number));

    /// <summary>Standard errors by which a model beats a baseline, from the events that only one of them has right (McNemar 1947).</summary>
    private static double McNemar(long onlyModel, long onlyBaseline) =>
        onlyModel + onlyBaseline == 0 ? 0 : (onlyModel - onlyBaseline) / Math.Sqrt(onlyModel + onlyBaseline);

    /// <summary>Standard errors by which squared errors lie below the baseline's, as if errors were normal: a ratio of n squares varies by 2 / √n.</summary>
    private static double Advantage(double squares, double baseline, long count) =>
        baseline <= 0 ? (squares > 0 ? double.NegativeInfinity : 0) : (1 - (squares / baseline)) * Math.Sqrt(count) / 2;

    private static DriftLevel LevelOf(double errors, long labels) =>
        labels < FewestLabels ? DriftLevel.Learning : errors > Better ? DriftLevel.Stable : errors > Worse ? DriftLevel.Warning : DriftLevel.Drift;

    /// <summary>Name of a class for people.</summary>
    public static string NameOf(ClassCounts counts, int index) => index == 0 ? "other" : Encoding.UTF8.GetString(counts.Name(index));
}
