using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>All instruments. They read the newest snapshot of each stage, never the memory of its loop.</summary>
public sealed class Telemetry : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "driftd";

    private readonly Meter _meter = new(MeterName);
    private readonly WorkerSnapshot[] _latest = [new(), new()];
    private readonly bool[] _running = new bool[2];
    private readonly Func<bool>?[] _ready = new Func<bool>?[2];
    private readonly Histogram<double> _processing;
    private readonly KeyValuePair<string, object?>[] _stageTags =
        [new("stage", "detect"), new("stage", "decide")];

    /// <summary>Declares the instruments.</summary>
    public Telemetry()
    {
        _processing = _meter.CreateHistogram("driftd.processing", "s", "Time to process one batch of records.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
        });
        DeclareEvents();
        DeclareStreams();
        DeclareOperations();
    }

    /// <summary>What the process may take, exported with what the stages hold; null: not exported.</summary>
    public MemoryBound? Bound { get; set; }

    /// <summary>The meter that carries them; a listener takes this one, for its name says nothing about which run it belongs to.</summary>
    public Meter Meter => _meter;

    /// <summary>The newest snapshot of a stage; an empty one before the first.</summary>
    public WorkerSnapshot Latest(StageRole role) => Volatile.Read(ref _latest[(int)role]);

    /// <summary>Puts a new snapshot in place of the last.</summary>
    public void Publish(StageRole role, WorkerSnapshot snapshot)
    {
        Volatile.Write(ref _latest[(int)role], snapshot);
        Volatile.Write(ref _running[(int)role], true);
    }

    /// <summary>Whether a stage is ready, asked when the metric is read: what was so at its newest snapshot may no longer be.</summary>
    public void Watch(StageRole role, Func<bool> ready) => Volatile.Write(ref _ready[(int)role], ready);

    /// <summary>Notes how long a batch took.</summary>
    public void RecordBatch(StageRole role, TimeSpan took) => _processing.Record(took.TotalSeconds, _stageTags[(int)role]);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void DeclareEvents()
    {
        Counter("driftd.events", "Prediction events taken.", stage => stage.Models.Select(static m =>
            new Measurement<long>(m.Events, new TagList { { "model", m.Model }, { "version", m.Version } })));
        Counter("driftd.labels", "Events that carried a label.", stage => stage.Models.Select(static m =>
            new Measurement<long>(m.Labels, new TagList { { "model", m.Model }, { "version", m.Version } })));
        Counter("driftd.wrong_predictions", "Labelled events whose prediction was wrong.", stage => stage.Models.Select(static m =>
            new Measurement<long>(m.Errors, new TagList { { "model", m.Model }, { "version", m.Version } })));
        Counter("driftd.dead_letters", "Records that could not be used.", stage => stage.DeadLetters.Select(static d =>
            new Measurement<long>(d.Count, new TagList { { "topic", d.Topic }, { "reason", d.Reason } })));
        Counter("driftd.panes", "Panes written, by what closed them.", stage => stage.PanesClosed.Select(static p =>
            new Measurement<long>(p.Count, new TagList { { "end", p.Name } })));
        Counter("driftd.signals", "Signals, by the level entered.", stage => stage.Signals.Select(static s =>
            new Measurement<long>(s.Count, new TagList { { "model", s.Model }, { "detector", s.Detector }, { "level", Name(s.Level) } })));
        Counter("driftd.triggers", "Retrain triggers.", stage => stage.Triggers.Select(static t =>
            new Measurement<long>(t.Count, new TagList { { "model", t.Model }, { "detector", t.Detector } })));
        Counter("driftd.triggers_suppressed", "Decisions to retrain that were not published, by reason.", stage => stage.Suppressed.Select(static s =>
            new Measurement<long>(s.Count, new TagList { { "model", s.Model }, { "reason", s.Reason } })));
        Counter("driftd.commands", "Commands followed: outcomes of retrainings, relearn, approval.", stage => stage.Commands.Select(static c =>
            new Measurement<long>(c.Count, new TagList { { "model", c.Model }, { "command", c.Command } })));
        Counter("driftd.occurrences", "Things counted that stopped nothing.", stage => stage.Occurrences.Where(static o => o.Name != "clamped_times")
            .Select(static o => new Measurement<long>(o.Count, new TagList { { "what", o.Name } })));
        Counter("driftd.clamped_times", "Event times more than an hour ahead of Kafka's, set back to it.", stage =>
            stage.Occurrences.Where(static o => o.Name == "clamped_times").Select(static o => new Measurement<long>(o.Count)));
    }

    private void DeclareStreams()
    {
        Gauge("driftd.stream_level", "Level of a stream: 0 learning, 1 stable, 2 warning, 3 drift.", static s => (double)s.Level);
        Gauge("driftd.stream_estimate", "Current estimate of a stream: its mean, or its share.", static s => s.Estimate);
        Gauge("driftd.stream_statistic", "What the detector measured last.", static s => s.Statistic);
        Gauge("driftd.stream_threshold", "What the statistic is compared with.", static s => s.Threshold);
        Gauge("driftd.stream_window_values", "Values in the detector's window.", static s => s.Count);
    }

    private void DeclareOperations()
    {
        Worker("driftd.commits", "Transactions committed.", static w => w.Commits);
        Worker("driftd.aborts", "Transactions aborted.", static w => w.Aborts);
        Worker("driftd.producer_recycles", "Producers replaced because the outcome of a commit was not known.", static w => w.Recycles);
        Worker("driftd.rebalances", "Assignments and revocations.", static w => w.Rebalances);
        Worker("driftd.records", "Records processed.", static w => w.Records);
        Worker("driftd.restores", "Partitions whose state was read back.", static w => w.Restores);
        Worker("driftd.offsets_missing", "Partitions that went on elsewhere than where they were left, because offsets were gone.", static w => w.OffsetsMissing);
        Worker("driftd.state_values", "Pieces of state written.", static w => w.StateValues);
        Worker("driftd.state_written", "State written, compressed.", static w => w.StateBytes, "By");
        _meter.CreateObservableGauge("driftd.replaying_partitions", () => Running().Select(r =>
            new Measurement<long>(Latest(r).Replaying, _stageTags[(int)r])), null, "Partitions whose records are being fed again after a restore.");
        _meter.CreateObservableGauge("driftd.queued_records", () => Running().Select(r =>
            new Measurement<long>(Latest(r).Queued, _stageTags[(int)r])), "{record}", "Records that wait between fetch and processing.");
        _meter.CreateObservableGauge("driftd.consumer_lag_records", () => Running().SelectMany(r => Latest(r).Lags.Select(lag =>
            new Measurement<long>(lag.Lag, new TagList { _stageTags[(int)r], { "topic", lag.Topic }, { "partition", lag.Partition } }))),
            "{record}", "Records between what was processed and the end of the partition.");
        _meter.CreateObservableGauge("driftd.event_time_delay", () => Running().Where(r => Latest(r).EventTimeDelay is not null).Select(r =>
            new Measurement<double>(Latest(r).EventTimeDelay!.Value, _stageTags[(int)r])), "s", "Now less the largest event time seen.");
        _meter.CreateObservableGauge("driftd.ready", () => Running().Select(r =>
            new Measurement<long>((Volatile.Read(ref _ready[(int)r])?.Invoke() ?? Latest(r).Ready) ? 1 : 0, _stageTags[(int)r])), null,
            "Whether the stage is a member of its group, has restored what it was assigned, and commits.");
        _meter.CreateObservableGauge(
            "driftd.memory_bound", () => Bound is { } bound ? [new Measurement<long>(bound.With(Latest(StageRole.Detect).Stage, Latest(StageRole.Decide).Stage))] : (IEnumerable<Measurement<long>>)[],
            "By", "Resident memory that the configuration, and the streams held now, allow the process.");
        var version = typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        _meter.CreateObservableGauge("driftd.build_info", () => new Measurement<long>(1, new TagList { { "version", version } }), null, "Version; always 1.");
    }

    private static string Name(DriftLevel level) => level.ToString().ToLowerInvariant();

    private IEnumerable<StageRole> Running()
    {
        foreach (var role in (StageRole[])[StageRole.Detect, StageRole.Decide])
        {
            if (Volatile.Read(ref _running[(int)role]))
            {
                yield return role;
            }
        }
    }

    private void Counter(string name, string description, Func<StageSnapshot, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => Running().SelectMany(role => read(Latest(role).Stage)), null, description);

    private void Worker(string name, string description, Func<WorkerSnapshot, long> read, string? unit = null) =>
        _meter.CreateObservableCounter(name, () => Running().Select(role => new Measurement<long>(read(Latest(role)), _stageTags[(int)role])), unit, description);

    private void Gauge(string name, string description, Func<StreamStanding, double> read) =>
        _meter.CreateObservableGauge(name, () => Latest(StageRole.Decide).Stage.Streams.Select(s => new Measurement<double>(
            read(s), new TagList { { "model", s.Model }, { "version", s.Version }, { "stream", s.Stream }, { "detector", s.Detector } })), null, description);
}
