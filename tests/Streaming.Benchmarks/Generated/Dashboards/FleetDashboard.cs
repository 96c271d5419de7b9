using System.Text.Json.Nodes;
using static Streaming.Benchmarks.Expressions;

namespace Streaming.Benchmarks;

/// <summary>All models on one page: which drift, which are silent, is driftd itself well.</summary>
internal static class FleetDashboard
{
    private static readonly string Error = ErrorLevel("");

    public static Dashboard Create() => new Dashboard("fleet", "driftd / Fleet", "All models at a glance; a model's name leads to its own page.")
        .Row("Now", Health())
        .Row("Models", Models(), Panel.Timeline(
            "Worst level of each model's error",
            "Red: the error has risen within the last hour of event time. Open the model to see which inputs moved with it and since when.",
            new Query($"max by (model) ({Error})", "{{model}}")))
        .Row("Traffic",
            Panel.Lines("Events", "A line that falls to nothing is a model without predictions: ask its owner before looking at driftd.", "eps",
                new Query("topk(20, " + Rate("driftd_events_total", "model") + ")", "{{model}}")),
            Panel.Lines("Share of events with a label", "Near 0 the error cannot be watched, and a trigger can only come from inputs: see triggerOnInputDrift.", "percentunit",
                new Query($"{Rate("driftd_labels_total", "model")} / ({Rate("driftd_events_total", "model")} > 0)", "{{model}}")));

    private static Panel[] Health() =>
    [
        Panel.Number("Models", "Models that DETECT has counted events of since it started.", "short", "count(count by (model) (driftd_events_total))"),
        Panel.Number("Versions in drift", "Versions whose error entered Drift within the last hour of event time. Open them from the table below.", "short", $"count(({Error}) == 3) or vector(0)")
            with { Steps = [new(null, "green"), new(1, "red")] },
        Panel.Number("Triggers in 24 h", "Retrain triggers; the page Retraining says what became of them.", "short", InDay("driftd_triggers_total")),
        Panel.Number("Events", "Prediction events a second, all models.", "eps", "sum(rate(driftd_events_total[$__rate_interval]))"),
        Panel.Number("Lag", "Records not processed yet. Rising: start more instances, or look at the page Operations.", "short", "sum(driftd_consumer_lag_records)")
            with { Steps = [new(null, "green"), new(100_000, "orange"), new(1_000_000, "red")] },
        Panel.Number("Ready", "Share of stages that are members of their group, restored, and commit. Below 100 %: see the page Operations.", "percentunit", "avg(driftd_ready)")
            with { Steps = [new(null, "red"), new(1, "green")] },
    ];

    private static Panel Models() => Panel.Table(
        "Models", "One row a model version, worst first. 'All streams' is the worst level of any stream within the last hour of event time: inputs alone rarely need an action, a drifting error does.",
        $"sort_desc({Error})",
        AnyLevel,
        ErrorRate(""),
        "sum by (model, version) (rate(driftd_events_total[$__rate_interval]))",
        "1000 * max by (model, version) (driftd_last_round_timestamp_seconds * 0 + on (model) group_left () max by (model) (driftd_last_trigger_timestamp_seconds))",
        "max by (model, version) (driftd_last_round_timestamp_seconds * 0 + on (model) group_left () max by (model) (driftd_cooldown_left_seconds))",
        Mae("")) with
    {
        Transformations = Columns(
            ("model", "model"), ("version", "version"), ("Value #A", "error"), ("Value #B", "all streams"), ("Value #C", "error rate"), ("Value #G", "absolute error"), ("Value #D", "events/s"),
            ("Value #E", "last trigger"), ("Value #F", "cooldown left")),
        Looks =
        [
            new("model", ("links", JsonNode.Parse(
                """[{"title":"Open the model","url":"/d/driftd-model?var-model=${__value.text}&${datasource:queryparam}&${__url_time_range}"}]"""))),
            LevelColumn("error"),
            LevelColumn("all streams"),
            new("error rate", ("unit", "percentunit"), ("decimals", 1)),
            new("events/s", ("decimals", 1)),
            new("absolute error", ("decimals", 2)),
            new("last trigger", ("unit", "dateTimeFromNow")),
            new("cooldown left", ("unit", "s")),
        ],
    };
}
