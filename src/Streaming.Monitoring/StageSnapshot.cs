using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Counts and levels of a stage at one moment. Counts are totals since the process started.</summary>
public sealed record StageSnapshot
{
    /// <summary>A snapshot of nothing.</summary>
    public static StageSnapshot Empty { get; } = new();

    /// <summary>Per model version seen by DETECT.</summary>
    public IReadOnlyList<ModelCounts> Models { get; init; } = [];

    /// <summary>Dead letters by topic and reason.</summary>
    public IReadOnlyList<DeadLetterCount> DeadLetters { get; init; } = [];

    /// <summary>Topics whose first 100 records of this run were all dead letters.</summary>
    public IReadOnlyList<UnusableTopic> Unusable { get; init; } = [];

    /// <summary>Panes closed, by what closed them: full, time, level, idle, end.</summary>
    public IReadOnlyList<NamedCount> PanesClosed { get; init; } = [];

    /// <summary>Other occurrences: clamped_times, models_over_limit, panes_skipped, kind_conflicts …</summary>
    public IReadOnlyList<NamedCount> Occurrences { get; init; } = [];

    /// <summary>Per model version in DECIDE: where its streams stand.</summary>
    public IReadOnlyList<VersionStanding> Versions { get; init; } = [];

    /// <summary>Per model in DECIDE: what its policies remember.</summary>
    public IReadOnlyList<ModelStanding> Policies { get; init; } = [];

    /// <summary>Per model-scope stream and detector: where it stands.</summary>
    public IEnumerable<StreamStanding> Streams => Versions.SelectMany(static version => version.Streams);

    /// <summary>Per model version: labels against predictions.</summary>
    public IReadOnlyList<VersionPerformance> Performance { get; init; } = [];

    /// <summary>Signals published, by model, detector and level entered.</summary>
    public IReadOnlyList<SignalCount> Signals { get; init; } = [];

    /// <summary>Triggers published, by model and detector of the completing signal.</summary>
    public IReadOnlyList<TriggerCount> Triggers { get; init; } = [];

    /// <summary>Decisions to retrain that were not published, by model and reason: observe, cooldown, age.</summary>
    public IReadOnlyList<SuppressedCount> Suppressed { get; init; } = [];

    /// <summary>What became of the records of labels topics.</summary>
    public LabelCounts Labels { get; init; }

    /// <summary>Predictions whose labels may come.</summary>
    public long OpenPredictions { get; init; }

    /// <summary>Labels whose predictions may come.</summary>
    public long WaitingLabels { get; init; }

    /// <summary>Memory of both.</summary>
    public long JoinBytes { get; init; }

    /// <summary>Commands followed, by model and what they say: outcomes, relearn, approval.</summary>
    public IReadOnlyList<CommandCount> Commands { get; init; } = [];

    /// <summary>Streams in memory, each of a model version: per partition in DETECT, per model in DECIDE.</summary>
    public long StreamsHeld { get; init; }

    /// <summary>Those of them that count categories: they take much more.</summary>
    public long TextStreamsHeld { get; init; }

    /// <summary>Largest event time seen, milliseconds since 1970; null before the first event.</summary>
    public long? Watermark { get; init; }
}

/// <summary>What DETECT counted of one model version on the partitions it holds.</summary>
public readonly record struct ModelCounts(string Model, string Version, long Events, long Labels, long Errors);

/// <summary>Dead letters of one topic for one reason.</summary>
public readonly record struct DeadLetterCount(string Topic, string Reason, long Count);

/// <summary>A count with a name.</summary>
public readonly record struct NamedCount(string Name, long Count);

/// <summary>Signals published.</summary>
public readonly record struct SignalCount(string Model, string Detector, DriftLevel Level, long Count);

/// <summary>Triggers published.</summary>
public readonly record struct TriggerCount(string Model, string Detector, long Count);

/// <summary>Commands followed.</summary>
public readonly record struct CommandCount(string Model, string Command, long Count);

/// <summary>Decisions withheld.</summary>
public readonly record struct SuppressedCount(string Model, string Reason, long Count);

/// <summary>A topic of which nothing can be used as it is configured.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Reasons">Why, and what the values are.</param>
/// <param name="Keys">Keys that the values have, with their types; "none" where they are no JSON objects.</param>
public sealed record UnusableTopic(string Topic, string Reasons, string Keys);
