using System.Globalization;
using System.Text;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>Performance metrics from merged panes against scikit-learn's from the rows: <c>Data/performance</c>.</summary>
public class PerformanceGoldenTests(ITestOutputHelper output)
{
    private const int PaneRows = 97;

    private static readonly string[] Tables =
        ["perf_binary", "perf_rare", "perf_multi", "perf_regression", "perf_edge", "perf_edge_regression", "../elec2/elec2-predictions"];

    [Fact]
    public void Every_metric_equals_the_reference_and_roc_auc_lies_within_its_stated_error()
    {
        var (compared, left, wrong) = (new SortedDictionary<string, int>(), new SortedDictionary<string, int>(), new List<string>());
        var (largest, largestAuc) = (0.0, 0.0);
        foreach (var window in GoldenData.Rows("performance/expected.csv.gz").GroupBy(static row => (Table: row["table"], Rows: row["rows"])))
        {
            var rows = Rows(window.Key.Table);
            var (from, to) = Range(window.Key.Rows);
            var (classes, scores, distances) = (Sums(rows, from, to, ClassesOf), Sums(rows, from, to, ScoreOf), Sums(rows, from, to, DistanceOf));
            foreach (var row in window)
            {
                var (metric, setting, expected) = (row["metric"], row["setting"], Number(row["value"]));
                if (metric == "roc_auc" && setting == "positive=1" && scores is not null)
                {
                    var (auc, error) = ScoreFigures.RocAuc(scores.Scores!);
                    Count(compared, metric);
                    largestAuc = Math.Max(largestAuc, double.IsNaN(expected) || window.Key.Table == "perf_edge" ? 0 : error);
                    Check(double.IsNaN(expected) ? double.IsNaN(auc) : Math.Abs(auc - expected) <= error + 1e-12, row, auc);
                }
                else if (Value(metric, setting, classes, scores, distances, rows) is { } value)
                {
                    Count(compared, metric);
                    largest = Math.Max(largest, double.IsNaN(expected) ? 0 : Math.Abs(value - expected) / Math.Max(1, Math.Abs(expected)));
                    Check(double.IsNaN(expected) ? double.IsNaN(value) : Math.Abs(value - expected) <= 1e-9 * Math.Max(1, Math.Abs(expected)), row, value);
                }
                else
                {
                    Count(left, metric);
                }
            }
        }

        output.WriteLine($"{compared.Values.Sum()} values equal, largest difference {largest:E1}: {string.Join(", ", compared.Select(static c => $"{c.Key} {c.Value}"))}");
        output.WriteLine($"largest stated error of ROC AUC, cases of a few rows left out: {largestAuc:E1}");
        output.WriteLine($"{left.Values.Sum()} values of metrics or settings that are not computed: {string.Join(", ", left.Select(static c => $"{c.Key} {c.Value}"))}");
        Assert.Empty(wrong);
        Assert.InRange(compared.Values.Sum(), 1_750, int.MaxValue);

        void Check(bool holds, Dictionary<string, string> row, double found)
        {
            if (!holds)
            {
                wrong.Add($"{row["table"]} {row["rows"]} {row["metric"]} {row["setting"]}: expected {row["value"]}, found {found:R}");
            }
        }
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.2)]
    public void Scores_that_crowd_near_0_keep_a_small_error_of_roc_auc(double spread)
    {
        var (random, scores) = (new SplitMix(3), new ScoreCounts());
        for (var i = 0; i < 20_000; i++)
        {
            var isPositive = random.Next() < 0.02;
            scores.AddBinary(Math.Min(1, spread * (isPositive ? 0.5 + random.Next() : random.Next() * random.Next())), isPositive);
        }

        Assert.InRange(ScoreFigures.RocAuc(scores).Error, 0, spread < 0.01 ? 0.1 : 0.02);
    }

    private static double? Value(
        string metric, string setting, PerformanceSums? classes, PerformanceSums? scores, PerformanceSums? distances, List<Dictionary<string, string>> rows) =>
        distances is { Distances: { } sums } ? OfDistances(metric, setting, sums, rows)
        : OfClasses(metric, setting, classes!.Classes!, rows) ?? (metric == "confusion" ? null : OfScores(metric, setting, scores?.Scores ?? classes.Scores!, rows));

    private static double? OfDistances(string metric, string setting, DistanceSums sums, List<Dictionary<string, string>> rows) => metric switch
    {
        "mae" => DistanceFigures.Mae(sums),
        "mse" => sums.Squares / sums.Error.Count,
        "rmse" => DistanceFigures.Rmse(sums),
        "mean_bias" => DistanceFigures.Bias(sums),
        "max_error" => Math.Max(sums.Error.Max, -sums.Error.Min),
        "r2" => DistanceFigures.R2(sums),
        "explained_variance" => DistanceFigures.ExplainedVariance(sums),
        "baseline_mean_rmse" when setting == "mean of window itself" => DistanceFigures.RmseOfConstant(sums, sums.Label.Mean),
        "baseline_mean_rmse" => DistanceFigures.RmseOfConstant(sums, SumsOf(setting, rows, DistanceOf).Distances!.Label.Mean),
        "baseline_last_mae" => sums.LastAbsolute / sums.LastCount,
        "baseline_last_rmse" => Math.Sqrt(sums.LastSquares / sums.LastCount),
        _ => null,
    };

    private static double? OfClasses(string metric, string setting, ClassCounts counts, List<Dictionary<string, string>> rows)
    {
        var (of, last) = (new ClassFigures(counts), new ClassFigures(counts, last: true));
        var positive = counts.IndexOf(setting.Contains("positive=UP", StringComparison.Ordinal) ? "UP"u8 : "1"u8);
        return metric switch
        {
            "confusion" => Cell(counts, setting),
            "accuracy" => of.Accuracy,
            "balanced_accuracy" => of.BalancedAccuracy,
            "mcc" => of.Mcc,
            "kappa" => of.Kappa,
            "precision" => Average(of, setting, positive, static (f, i) => f.Precision(i)),
            "recall" => Average(of, setting, positive, static (f, i) => f.Recall(i)),
            "f1" => Average(of, setting, positive, static (f, i) => f.F1(i)),
            "baseline_majority_accuracy" when setting == "class=of the window itself" => PerformanceFigures.MajorityAccuracy(counts, counts),
            "baseline_majority_accuracy" => PerformanceFigures.MajorityAccuracy(counts, SumsOf(setting, rows, ClassesOf).Classes!),
            "baseline_last_class_accuracy" => last.Accuracy,
            "baseline_last_class_mcc" => last.Mcc,
            "baseline_last_class_kappa" => last.Kappa,
            _ => null,
        };
    }

    private static double? OfScores(string metric, string setting, ScoreCounts scores, List<Dictionary<string, string>> rows) => metric switch
    {
        "log_loss" => ScoreFigures.LogLoss(scores),
        "brier" => ScoreFigures.Brier(scores) * (setting.EndsWith("half=true", StringComparison.Ordinal) ? 0.5 : 1),
        "ece" when setting.Contains("right-closed", StringComparison.Ordinal) => ScoreFigures.Calibration(scores).Ece,
        "mce" => ScoreFigures.Calibration(scores).Mce,
        "roc_auc_binned" when setting.Contains("bins=100;", StringComparison.Ordinal) => OfHundredths(scores),
        "reliability_count" => scores.TenthCount[Bin(setting)],
        "reliability_share_positive" => (double)scores.TenthHits[Bin(setting)] / scores.TenthCount[Bin(setting)],
        "reliability_mean_score" => scores.TenthScore[Bin(setting)] / scores.TenthCount[Bin(setting)],
        "baseline_prior_log_loss" => ScoreFigures.OfConstant(scores, Prior(setting, rows)).LogLoss,
        "baseline_prior_brier" => ScoreFigures.OfConstant(scores, Prior(setting, rows)).Brier,
        _ => null,
    };

    private static double? Average(ClassFigures of, string setting, int positive, Func<ClassFigures, int, double> figure) =>
        setting.Contains("zero_division=nan", StringComparison.Ordinal) ? null
        : setting.Contains("labels=0 1", StringComparison.Ordinal) ? null
        : setting.Split(';')[0] switch
        {
            "average=binary" => positive == 0 ? 0 : figure(of, positive),
            "average=macro" => of.Macro(figure),
            "average=weighted" => of.Weighted(figure),
            _ => of.Accuracy,
        };

    private static double OfHundredths(ScoreCounts scores)
    {
        var coarse = new ScoreCounts();
        for (var bin = 0; bin < ScoreBins.Count; bin++)
        {
            coarse.Hits[ScoreBins.Hundredth(bin)] += scores.Hits[bin];
            coarse.Misses[ScoreBins.Hundredth(bin)] += scores.Misses[bin];
        }

        return ScoreFigures.RocAuc(coarse).Auc;
    }

    private static double Prior(string setting, List<Dictionary<string, string>> rows) =>
        new ClassFigures(SumsOf(setting, rows, ScoreOf).Classes!).Share(PerformanceSums.Positive);

    private static double Cell(ClassCounts counts, string setting)
    {
        var names = setting.Split(';').Select(static part => Encoding.UTF8.GetBytes(part.Split('=')[1])).ToArray();
        return counts.Cell(counts.IndexOf(names[0]), counts.IndexOf(names[1]));
    }

    private static int Bin(string setting) => int.Parse(setting["bin=".Length..].Split(';')[0], CultureInfo.InvariantCulture);

    /// <summary>The sums of the rows that a setting names at its end.</summary>
    private static PerformanceSums SumsOf(string setting, List<Dictionary<string, string>> rows, Func<Dictionary<string, string>, Feed?> feedOf)
    {
        var (from, to) = Range(setting.Split(' ')[^1]);
        return Sums(rows, from, to, feedOf)!;
    }

    /// <summary>What a partition's panes of these rows add up to, each read back from its bytes. The row before them comes first, for the label before.</summary>
    private static PerformanceSums? Sums(List<Dictionary<string, string>> rows, int from, int to, Func<Dictionary<string, string>, Feed?> feedOf)
    {
        if (feedOf(rows[from]) is not { } first)
        {
            return null;
        }

        var (stream, sums) = (new PerformanceStream(), new PerformanceSums(first.Task));
        if (from > 0)
        {
            feedOf(rows[from - 1])!.To(stream);
            stream.Take();
        }

        for (var row = from; row <= to; row++)
        {
            feedOf(rows[row])!.To(stream);
            if ((row - from + 1) % PaneRows == 0 || row == to)
            {
                sums.Add(PerformanceCodec.Decode(PerformanceCodec.Encode(stream.Take()!)));
            }
        }

        return sums;
    }

    private static Feed? ClassesOf(Dictionary<string, string> row)
    {
        if (row.Keys.Any(static name => name.StartsWith("p_", StringComparison.Ordinal)))
        {
            var p = row.Where(static cell => cell.Key.StartsWith("p_", StringComparison.Ordinal)).ToDictionary(static cell => cell.Key[2..], static cell => Number(cell.Value));
            return new Feed(ModelTask.MultiClass, row["y"], row["pred"]) { Top = p.Values.Max(), OfLabel = p[row["y"]], Squares = p.Values.Sum(static x => x * x) };
        }

        return row.TryGetValue("prediction", out var predicted) ? new Feed(ModelTask.MultiClass, row["label"], predicted)
            : row["y"].Contains('.', StringComparison.Ordinal) ? null
            : new Feed(ModelTask.MultiClass, row["y"], row["pred"]);
    }

    private static Feed? ScoreOf(Dictionary<string, string> row) => row.TryGetValue("score", out var score) ? new Feed(ModelTask.Binary, row["y"], score) : null;

    private static Feed? DistanceOf(Dictionary<string, string> row) =>
        row.ContainsKey("score") || row.ContainsKey("p_A") || !row.TryGetValue("y", out var label) ? null : new Feed(ModelTask.Regression, label, row["pred"]);

    private static List<Dictionary<string, string>> Rows(string table) => Loaded.Value[table];

    private static readonly Lazy<Dictionary<string, List<Dictionary<string, string>>>> Loaded = new(() =>
        Tables.ToDictionary(static table => table, static table => GoldenData.Rows(table.StartsWith("..", StringComparison.Ordinal) ? table[3..] + ".csv.gz" : $"performance/{table}.csv.gz")));

    private static (int From, int To) Range(string rows) => rows.Split('-') is [var from, var to] ? (int.Parse(from), int.Parse(to)) : (int.Parse(rows), int.Parse(rows));

    private static double Number(string text) => text == "nan" ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);

    private static void Count(SortedDictionary<string, int> counts, string metric) => counts[metric] = counts.GetValueOrDefault(metric) + 1;

    /// <summary>A row as a labelled prediction.</summary>
    private sealed record Feed(ModelTask Task, string Label, string Prediction)
    {
        public double Top { get; init; } = double.NaN;

        public double OfLabel { get; init; } = double.NaN;

        public double Squares { get; init; }

        public void To(PerformanceStream stream)
        {
            var kind = Task == ModelTask.MultiClass ? FieldKind.Text : FieldKind.Number;
            stream.Observe(
                new LabelledPrediction
                {
                    PredictionKind = kind,
                    PredictionNumber = kind == FieldKind.Number ? Number(Prediction) : double.NaN,
                    PredictionText = Encoding.UTF8.GetBytes(Prediction),
                    TopProbability = Top,
                    LabelProbability = OfLabel,
                    SquaredProbabilities = Squares,
                    LabelKind = kind,
                    LabelNumber = kind == FieldKind.Number ? Number(Label) : double.NaN,
                    LabelText = Encoding.UTF8.GetBytes(Label),
                },
                Task, double.NaN);
        }
    }
}
