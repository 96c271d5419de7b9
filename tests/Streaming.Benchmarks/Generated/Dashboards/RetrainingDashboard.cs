using static Streaming.Benchmarks.Expressions;

namespace Streaming.Benchmarks;

/// <summary>Triggers: which were published, which held back and why, what holds the next one back.</summary>
internal static class RetrainingDashboard
{
    private const string Model = "model=~\"$model\"";

    public static Dashboard Create() => new Dashboard("retraining", "driftd / Retraining", "Triggers, those held back, cooldown, and what became of the drift.")
        .With("model", "label_values(driftd_stream_level, model)")
        .Row("Triggers",
            Panel.Number("Triggers in 24 h", "Published to drift.triggers.", "short", InDay($"driftd_triggers_total{{{Model}}}")) with { Width = 6 },
            Panel.Number("Held back in 24 h", "Decisions that were not published: see the reasons below.", "short", InDay($"driftd_triggers_suppressed_total{{{Model}}}")) with { Width = 6 },
            Panel.Number("In cooldown", "Models that may not trigger now.", "short", $"count(max by (model) (driftd_cooldown_left_seconds{{{Model}}}) > 0) or vector(0)") with { Width = 6 },
            Panel.Number("Waiting for a new version", "Models with a trigger since their newest version began to serve: is the pipeline running?", "short",
                $"count(max by (model) (driftd_last_trigger_timestamp_seconds{{{Model}}}) > on (model) max by (model) (driftd_version_since_timestamp_seconds{{{Model}}})) or vector(0)")
                with
            { Width = 6, Steps = [new(null, "green"), new(1, "orange")] },
            Panel.Lines("Triggers", "Since the processes started, by the detector that completed the decision.", "short",
                new Query($"sum by (model, detector) (driftd_triggers_total{{{Model}}})", "{{model}} {{detector}}")),
            Panel.Lines("Held back", "observe: mode is observe. cooldown: the last trigger is too near. age: the change is older than triggerMaxAge.", "short",
                new Query($"sum by (model, reason) (driftd_triggers_suppressed_total{{{Model}}})", "{{model}} {{reason}}")))
        .Row("Outcomes",
            Panel.Number("Under way", "Retrainings accepted that have not ended, since the processes started. Long above 0: the pipeline has stopped, or does not report back (driftd outcome).", "short",
                $"sum(clamp_min({ByModel("accepted")} - ({ByModel("deployed|failed")} or {ByModel("accepted")} * 0), 0)) or vector(0)") with { Width = 6 },
            Panel.Number("Deployed in 24 h", "Retrainings that ended with a model that serves.", "short", InDay(Commands("deployed"))) with { Width = 6 },
            Panel.Number("Failed in 24 h", "Retrainings that ended without one: the pipeline's own log says why. The cooldown has ended with it.", "short", InDay(Commands("failed")))
                with
            { Width = 6, Steps = [new(null, "green"), new(1, "red")] },
            Panel.Number("Learnt anew in 24 h", "driftd relearn: a change that was meant to stay, or a model deployed under its old version.", "short", InDay(Commands("relearn"))) with { Width = 6 },
            Panel.Lines("What pipelines and people said", "Outcomes, relearn and approvals followed, since the processes started. No line: nobody reports back; cooldowns end by time alone.", "short",
                new Query($"sum by (model, command) (driftd_commands_total{{{Model}}})", "{{model}} {{command}}")) with
            { Width = 24 })
        .Row("Models",
            Panel.Table("Models", "A new version that stays green after a trigger is a retraining that worked.",
                $"sort_desc({ErrorLevel(Model)})",
                ErrorRate(Model),
                $"1000 * max by (model, version) (driftd_last_round_timestamp_seconds{{{Model}}} * 0 + on (model) group_left () max by (model) (driftd_last_trigger_timestamp_seconds))",
                $"max by (model, version) (driftd_last_round_timestamp_seconds{{{Model}}} * 0 + on (model) group_left () max by (model) (driftd_cooldown_left_seconds))") with
            {
                Transformations = Columns(
                    ("model", "model"), ("version", "version"), ("Value #A", "error level"), ("Value #B", "error rate"), ("Value #C", "last trigger"), ("Value #D", "cooldown left")),
                Looks = [LevelColumn("error level"), new("error rate", ("unit", "percentunit")), new("last trigger", ("unit", "dateTimeFromNow")), new("cooldown left", ("unit", "s"))],
            },
            Panel.Lines("Cooldown left", "Event time; ends by itself.", "s", new Query($"max by (model) (driftd_cooldown_left_seconds{{{Model}}})", "{{model}}")),
            Panel.Lines("Error rate by version", "After a retraining the new version should lie where the old one was before. Of a regression: page Model.", "percentunit",
                new Query(ErrorRate(Model), "{{model}} {{version}}")))
        .Row("Signals",
            Panel.Lines("Signals", "Entries into Warning and Drift, and returns to Stable, since the processes started. Many of one detector: its stream swings more than its reference did; give it a longer learnFor.", "short",
                new Query($"sum by (model, detector, level) (driftd_signals_total{{{Model}}})", "{{model}} {{detector}} {{level}}")) with
            { Width = 24 });

    private static string ByModel(string commands) => $"sum by (model) (driftd_commands_total{{{Model},command=~\"{commands}\"}})";

    private static string Commands(string command) => $"driftd_commands_total{{{Model},command=\"{command}\"}}";
}
