using static Streaming.Benchmarks.Expressions;

namespace Streaming.Benchmarks;

/// <summary>Triggers: which were published, which held back and why, what holds the next one back.</summary>
internal static class RetrainingDashboard
{
    private const string Model = "model=~\"$model\"";

    public static Dashboard Create() => new Dashboard("retraining", "driftd / Retraining", "Triggers, those held back, cooldown, and what became of the drift.")
        .With("model", "label_values(driftd_stream_level, model)")
        .Row("Triggers",
            Panel.Number("Triggers in 24 h", "Published to drift.triggers.", "short", $"sum(increase(driftd_triggers_total{{{Model}}}[24h])) or vector(0)") with { Width = 6 },
            Panel.Number("Held back in 24 h", "Decisions that were not published: see the reasons below.", "short", $"sum(increase(driftd_triggers_suppressed_total{{{Model}}}[24h])) or vector(0)") with { Width = 6 },
            Panel.Number("In cooldown", "Models that may not trigger now.", "short", $"count(max by (model) (driftd_cooldown_left_seconds{{{Model}}}) > 0) or vector(0)") with { Width = 6 },
            Panel.Number("Waiting for a new version", "Models with a trigger since their newest version began to serve: is the pipeline running?", "short",
                $"count(max by (model) (driftd_last_trigger_timestamp_seconds{{{Model}}}) > on (model) max by (model) (driftd_version_since_timestamp_seconds{{{Model}}})) or vector(0)")
                with
            { Width = 6, Steps = [new(null, "green"), new(1, "orange")] },
            Panel.Lines("Triggers", "Since the processes started, by the detector that completed the decision.", "short",
                new Query($"sum by (model, detector) (driftd_triggers_total{{{Model}}})", "{{model}} {{detector}}")),
            Panel.Lines("Held back", "observe: mode is observe. cooldown: the last trigger is too near. age: the change is older than triggerMaxAge.", "short",
                new Query($"sum by (model, reason) (driftd_triggers_suppressed_total{{{Model}}})", "{{model}} {{reason}}")))
        .Row("Models",
            Panel.Table("Models", "A new version that stays green after a trigger is a retraining that worked.",
                ErrorLevel(Model),
                $"max by (model, version) (driftd_stream_mean{{{Model},stream=\"error\"}})",
                $"1000 * max by (model, version) (driftd_last_round_timestamp_seconds{{{Model}}} * 0 + on (model) group_left () max by (model) (driftd_last_trigger_timestamp_seconds))",
                $"max by (model, version) (driftd_last_round_timestamp_seconds{{{Model}}} * 0 + on (model) group_left () max by (model) (driftd_cooldown_left_seconds))") with
            {
                Transformations = Columns(
                    ("model", "model"), ("version", "version"), ("Value #A", "error level"), ("Value #B", "error rate"), ("Value #C", "last trigger"), ("Value #D", "cooldown left")),
                Looks = [new("error rate", ("unit", "percentunit")), new("last trigger", ("unit", "dateTimeFromNow")), new("cooldown left", ("unit", "s"))],
            },
            Panel.Lines("Cooldown left", "Event time; ends by itself.", "s", new Query($"max by (model) (driftd_cooldown_left_seconds{{{Model}}})", "{{model}}")),
            Panel.Lines("Error rate by version", "After a retraining the new version should lie where the old one was before.", "percentunit",
                new Query($"max by (model, version) (driftd_stream_mean{{{Model},stream=\"error\"}})", "{{model}} {{version}}")))
        .Row("Signals",
            Panel.Lines("Signals", "Entries into Warning and Drift, and returns to Stable. Many of one detector: its stream swings more than its reference did; give it a longer learnFor.", "short",
                new Query($"sum by (model, detector, level) (increase(driftd_signals_total{{{Model}}}[$__rate_interval]))", "{{model}} {{detector}} {{level}}")) with
            { Width = 24 });
}
