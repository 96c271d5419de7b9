using static Streaming.Benchmarks.Expressions;

namespace Streaming.Benchmarks;

/// <summary>One model: which stream drifts, since when, how far the others are from it, versions side by side.</summary>
internal static class ModelDashboard
{
    private const string Error = ChosenVersions + ",stream=\"error\"";
    private const string Values = ChosenStreams + ",stream=~\"feature:.*|prediction\"";
    private const string Of = "{{version}} {{stream}}";

    public static Dashboard Create() => new Dashboard("model", "driftd / Model", "Which feature, since when, error, distances; versions side by side.")
        .With("model", "label_values(driftd_stream_level, model)", hasAll: false)
        .With("version", "label_values(driftd_stream_level{model=\"$model\"}, version)")
        .With("stream", "label_values(driftd_stream_level{model=\"$model\",version=~\"$version\"}, stream)")
        .Row("Now", Now())
        .Row("Error", ErrorPanels())
        .Row("Performance", PerformancePanels())
        .Row("Which stream, since when", Streams())
        .Row("Distances between reference and current window",
            Distance("PSI", "psi", "The share of values that lie elsewhere than in the reference. Beyond the dashed line: compare the feature with its source (unit, encoding, a new segment)."),
            Distance("KS", "ks", "The largest gap between the two distributions. Beyond the dashed line: as for PSI; KS also sees a shift inside the deciles."))
        .Row("Inputs", Inputs())
        .Row("Serving and volume", Serving());

    private static Panel[] Now() =>
    [
        Panel.Number("Error level", "Drift: retraining is due, and a trigger was published unless the policies held it back (page Retraining).", "short", $"max({ErrorLevel(ChosenVersions)})")
            with { Words = Panel.Levels, Steps = [new(null, "blue"), new(1, "green"), new(2, "orange"), new(3, "red")] },
        Panel.Number("Error", "Share of wrong predictions in the current window; of a regression the mean absolute error, in the unit of the label.", "percentunit", $"max({ErrorRate(ChosenVersions)})") with
        {
            Queries = [new Query($"max({ErrorRate(ChosenVersions)})", "rate"), new Query($"max({Mae(ChosenVersions)})", "absolute")],
            Looks = [new("absolute", ("unit", "short"))],
        },
        Panel.Number("Streams in drift", "Streams of the chosen versions of which a detector or distance stands in Drift.", "short",
            $"count({OfStream("driftd_stream_level")} == 3) or vector(0)") with { Steps = [new(null, "green"), new(1, "orange")] },
        Panel.Number("Last trigger", "Event time of the newest trigger.", "dateTimeFromNow", "1000 * max(driftd_last_trigger_timestamp_seconds{model=\"$model\"})"),
        Panel.Number("Cooldown left", "Event time until this model may trigger again; a drift that enters before is counted as suppressed.", "s", "max(driftd_cooldown_left_seconds{model=\"$model\"})"),
        Panel.Number("Streams left out", "Streams that are watched but not shown here. More than 0: raise limits.modelSeries.", "short", $"sum({OfVersion("driftd_streams_left_out", ChosenVersions)})")
            with { Steps = [new(null, "green"), new(1, "orange")] },
    ];

    private static Panel[] ErrorPanels() =>
    [
        Panel.Lines("Error rate and what it was before", "Estimate of now against the mean before the change that is suspected most: they part where the concept changed. Of a regression the rank of the absolute error, 50 % where nothing changed.", "percentunit",
            new Query(OfVersion("driftd_stream_estimate", Error), "{{version}}"), new Query(OfVersion("driftd_stream_before", Error), "{{version}} before")) with { Looks = [Dotted("/ before$/")] },
        Panel.Lines("Rise of the error and its threshold", "Drift where the statistic crosses the threshold. The threshold falls as evidence grows.", "short",
            new Query(OfVersion("driftd_stream_statistic", Error), "{{version}} statistic"), new Query(OfVersion("driftd_stream_threshold", Error), "{{version}} threshold"))
            with { Looks = [Dashed("/threshold$/")] },
    ];

    private static Panel[] PerformancePanels() =>
    [
        Panel.Lines("Accuracy, or mean absolute error", "Current window against the reference, and against what needs no model: the commonest class, or the label before. Below a baseline the model is worth nothing.", "short",
            new Query(Measured("accuracy|mae", "current"), "{{version}} {{metric}}"), new Query(Measured("accuracy|mae", "reference"), "{{version}} {{metric}} reference"),
            new Query(Measured("baseline_(majority|last)_(accuracy|mae)", "current"), "{{version}} {{metric}}"))
            with { Looks = [new("/accuracy/", ("unit", "percentunit")), Dotted("/(reference|baseline)/")] },
        Panel.Lines("Higher is better", "Of the current window, 1 is perfect. Recall that falls alone: a class is missed; precision alone: false alarms. R² of a regression.", "short",
            new Query(Measured("f1|precision|recall|balanced_accuracy|mcc|roc_auc|r2", "current"), "{{version}} {{metric}}")),
        Panel.Lines("Lower is better", "Loss and calibration of the scores (ECE: how far a score is from the share it promises), or the error of a regression; dotted: the reference.", "short",
            new Query(Measured("log_loss|brier|ece|rmse", "current"), "{{version}} {{metric}}"), new Query(Measured("log_loss|brier|ece|rmse", "reference"), "{{version}} {{metric}} reference"))
            with { Looks = [Dotted("/reference/")] },
        Panel.Table("All metrics", "Labels against predictions: the current window, the reference, and all since the version began.",
            Measured(".*", "current"), Measured(".*", "reference"), Measured(".*", "cumulative")) with
        {
            Width = 12,
            Height = 8,
            Transformations = Columns(("version", "version"), ("metric", "metric"), ("Value #A", "now"), ("Value #B", "reference"), ("Value #C", "since start")),
            Looks = [new("now", ("decimals", 3)), new("reference", ("decimals", 3)), new("since start", ("decimals", 3))],
        },
        Panel.Timeline("Against what needs no model", "Red: shown to be worse than the commonest class, the mean, or the label before. Retrain, or serve the baseline.",
            new Query($"max by (version, baseline) (driftd_baseline_level{{{ChosenVersions}}})", "{{version}} {{baseline}}")) with
        {
            Width = 8,
            Words = Panel.InWords(("learning", "blue"), ("better", "green"), ("not shown", "orange"), ("worse", "red")),
        },
        Panel.Lines("Labels per event", "Of the current window and since the version began. A fall: labels are late or lost, and the error rests on little.", "percentunit",
            new Query($"max by (version, window) (driftd_label_coverage{{{ChosenVersions}}})", "{{version}} {{window}}")) with { Width = 8 },
        Panel.Lines("Delay of labels", "From prediction to label, event time; shares of all labels. A drift of the error is seen no sooner.", "s",
            new Query($"max by (version, share) (driftd_label_delay_seconds{{{ChosenVersions},class=\"\"}})", "{{version}} share {{share}}")) with { Width = 8 },
    ];

    private static string Measured(string metrics, string window) =>
        $"max by (version, metric) (driftd_performance{{{ChosenVersions},metric=~\"{metrics}\",window=\"{window}\"}})";

    private static Panel[] Streams() =>
    [
        Panel.Timeline("What moved", "The inputs, or the labels given the inputs (the concept). Inputs alone: look at their source first. The concept: retrain.",
            new Query($"max by (version, of) (driftd_moved{{{ChosenVersions}}})", "{{version}} {{of}}")) with
        { Height = 5, Words = Panel.InWords(("not known", "blue"), ("no", "green"), ("yes", "red")), Steps = [new(null, "blue"), new(1, "green"), new(2, "red")] },
        Panel.Timeline("Level of each stream", "The left end of a red stretch is when the stream entered Drift; a drift is drawn for five minutes at least.", new Query(StreamLevel, Of)) with { Height = 12 },
        Panel.Lines("How near to an alarm", "Statistic as a share of its threshold, drawn up to 200 %: 100 % is Drift. The twenty nearest.", "percentunit",
            new Query($"clamp_max(topk(20, {OfDetector("driftd_stream_statistic")} / ({OfDetector("driftd_stream_threshold")} > 0)), 2)", "{{version}} {{stream}} {{detector}}"))
            with { Width = 24, Steps = [new(null, "green"), new(1, "red")] },
        Panel.Table("Why", "Each stream and detector: what it measured, its threshold, how many values it rests on, and the reason of its level in a word (README, Metrics).",
            OfDetector("driftd_stream_statistic"), OfDetector("driftd_stream_threshold"), OfDetector("driftd_stream_before"), OfDetector("driftd_stream_estimate"),
            OfDetector("driftd_stream_window_values"), $"max by (version, stream, detector, reason) (driftd_stream_reason{{{ChosenStreams}}})") with
        {
            Transformations = Columns(
                ("version", "version"), ("stream", "stream"), ("detector", "detector"), ("reason", "reason"), ("Value #A", "statistic"), ("Value #B", "threshold"),
                ("Value #C", "before"), ("Value #D", "now"), ("Value #E", "values"), ("Value #F", "")),
        },
    ];

    private static Panel Distance(string name, string detector, string help)
    {
        var labels = $"{ChosenStreams},detector=\"{detector}\"";
        return Panel.Lines(name, help, "short", new Query(OfStream("driftd_stream_statistic", labels), Of),
            new Query($"min(driftd_stream_threshold{{{labels}}} > 0)", "least threshold")) with
        { Looks = [Dashed("least threshold")], Height = 9 };
    }

    private static Panel[] Inputs() =>
    [
        Panel.Lines("Missing", "Share of events without the feature. A step is usually a broken join or a renamed field upstream.", "percentunit",
            new Query(OfStream("driftd_stream_missing_ratio"), Of)) with { Width = 8 },
        Panel.Lines("New categories", "Share of categories that the reference does not know: a new value upstream, or another spelling.", "percentunit",
            new Query(OfStream("driftd_stream_new_category_ratio"), Of)) with { Width = 8 },
        Panel.Lines("Out of range", "Share of values beyond the least and the largest of the reference. A step is often a changed unit.", "percentunit",
            new Query(OfStream("driftd_stream_out_of_range_ratio"), Of)) with { Width = 8 },
        Panel.Lines("Mean", "Current window, in the stream's own unit; choose one stream to compare it with its reference.", "short",
            new Query(OfStream("driftd_stream_mean", Values), Of), new Query(OfStream("driftd_stream_reference_mean", Values), Of + " reference"))
            with { Width = 24, Looks = [Dotted("/ reference$/")] },
    ];

    private static Panel[] Serving() =>
    [
        Panel.Lines("Latency", "Mean latency of predictions in the current window, against the reference.", "ms",
            new Query(OfVersion("driftd_stream_mean", ChosenVersions + ",stream=\"latency\""), "{{version}}"),
            new Query(OfVersion("driftd_stream_reference_mean", ChosenVersions + ",stream=\"latency\""), "{{version}} reference")) with { Width = 8 },
        Panel.Lines("Failures", "Share of predictions that failed, as the events tell.", "percentunit",
            new Query(OfVersion("driftd_stream_mean", ChosenVersions + ",stream=\"failure\""), "{{version}}"),
            new Query(OfVersion("driftd_stream_reference_mean", ChosenVersions + ",stream=\"failure\""), "{{version}} reference")) with { Width = 8 },
        Panel.Lines("Events and labels", "What each version received. Labels far below events: the error is judged on little.", "eps",
            new Query(Rate("driftd_events_total", "version", ChosenVersions), "{{version}} events"), new Query(Rate("driftd_labels_total", "version", ChosenVersions), "{{version}} labels")) with { Width = 8 },
    ];
}
