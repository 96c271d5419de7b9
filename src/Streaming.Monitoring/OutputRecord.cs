namespace Streaming.Monitoring;

/// <summary>Where an output goes.</summary>
public enum OutputTopic : byte
{
    /// <summary>Mergeable summaries, DETECT to DECIDE.</summary>
    Panes,

    /// <summary>Entries into Warning or Drift, and returns to Stable.</summary>
    Signals,

    /// <summary>Decisions to retrain.</summary>
    Triggers,

    /// <summary>Input that could not be used, with the reason.</summary>
    DeadLetters,

    /// <summary>What must survive a crash: keys are <see cref="StateKey"/>s, a record without a value forgets its key.</summary>
    State,
}

/// <summary>One record that a stage wants written.</summary>
/// <param name="Topic">Where it goes.</param>
/// <param name="PartitionHash">The partition is this value modulo the topic's partition count.</param>
/// <param name="Key">Key bytes, where there are any.</param>
/// <param name="Value">Value bytes, where there are any.</param>
/// <param name="Headers">Headers, or null.</param>
public sealed record OutputRecord(
    OutputTopic Topic, uint PartitionHash, byte[]? Key, byte[]? Value, IReadOnlyList<KeyValuePair<string, byte[]>>? Headers = null);
