using System.Diagnostics;
using System.Diagnostics.Metrics;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>What DECIDE knows of models, versions and streams beside the levels: windows, reasons, cooldowns.</summary>
internal static class ModelInstruments
{
    private static readonly string[] Reasons =
        ["no_values", "no_reference", "few_values", "below", "usual_swing", "warning", "drift", "still_near"];

    /// <summary>Declares them; each reads the newest snapshot.</summary>
    public static void Declare(Meter meter, Func<StageSnapshot> decide)
    {
        meter.CreateObservableGauge("driftd.stream_before", () => decide().Streams.Select(static s =>
            new Measurement<double>(s.Before, Pair(s))), null, "Mean of the reference, or before the change that is suspected most.");
        meter.CreateObservableGauge("driftd.stream_reason", () => decide().Streams.Select(static s =>
            new Measurement<long>(1, Pair(s, new KeyValuePair<string, object?>("reason", Reasons[(int)s.Reason])))), null, "Why the level is what it is; always 1.");
        meter.CreateObservableGauge("driftd.stream_last_drift_timestamp", () => decide().Streams.Where(static s => s.LastDrift is not null).Select(static s =>
            new Measurement<double>(s.LastDrift!.Value / 1_000.0, Pair(s))), "s",
            "Event time of the newest entry into Drift, seconds since 1970: a detector that starts anew after a drift stands there too shortly for a scrape to see.");
        Figure("driftd.stream_mean", "Mean of the current window, in the stream's own unit.", static f => f.Mean);
        Figure("driftd.stream_reference_mean", "Mean of the reference, in the stream's own unit.", static f => f.ReferenceMean);
        Figure("driftd.stream_missing_ratio", "Share of events of the current window without this feature.", static f => f.Missing);
        Figure("driftd.stream_new_category_ratio", "Share of categories of the current window that the reference does not know.", static f => f.NewCategories);
        Figure("driftd.stream_out_of_range_ratio", "Share of values of the current window beyond the least and the largest of the reference.", static f => f.OutOfRange);
        meter.CreateObservableGauge("driftd.streams_left_out", () => decide().Versions.Select(static v =>
            new Measurement<long>(v.LeftOut, Version(v))), null, "Streams that are watched but not shown, because limits.modelSeries is reached.");
        meter.CreateObservableGauge("driftd.last_round_timestamp", () => decide().Versions.Where(static v => v.RoundTime is not null).Select(static v =>
            new Measurement<double>(v.RoundTime!.Value / 1_000.0, Version(v))), "s", "Event time that the newest round has reached, seconds since 1970.");
        meter.CreateObservableGauge("driftd.version_since_timestamp", () => decide().Versions.Select(static v =>
            new Measurement<double>(v.Since / 1_000.0, Version(v))), "s", "Event time of the first event of the version, seconds since 1970.");
        meter.CreateObservableGauge("driftd.last_trigger_timestamp", () => decide().Policies.Where(static m => m.LastTrigger is not null).Select(static m =>
            new Measurement<double>(m.LastTrigger!.Value / 1_000.0, new KeyValuePair<string, object?>("model", m.Model))), "s",
            "Event time of the newest trigger, seconds since 1970.");
        meter.CreateObservableGauge("driftd.cooldown_left", () => decide().Policies.Select(static m =>
            new Measurement<double>(m.CooldownLeft.TotalSeconds, new KeyValuePair<string, object?>("model", m.Model))), "s",
            "Event time until the model may trigger again.");

        void Figure(string name, string description, Func<StreamFigures, double?> read) => meter.CreateObservableGauge(
            name, () => decide().Versions.SelectMany(v => v.Figures.Where(f => read(f) is not null).Select(f => new Measurement<double>(
                read(f)!.Value, new TagList { { "model", v.Model }, { "version", v.Version }, { "stream", f.Stream } }))), null, description);
    }

    private static TagList Version(VersionStanding v) => new() { { "model", v.Model }, { "version", v.Version } };

    private static TagList Pair(in StreamStanding s, params ReadOnlySpan<KeyValuePair<string, object?>> more)
    {
        var tags = new TagList { { "model", s.Model }, { "version", s.Version }, { "stream", s.Stream }, { "detector", s.Detector } };
        foreach (var tag in more)
        {
            tags.Add(tag);
        }

        return tags;
    }
}
