namespace Streaming.Monitoring;

/// <summary>One of the two stages, DETECT or DECIDE, as the loop that reads the log drives it.</summary>
/// <remarks>
/// One thread. What a stage writes is a function of the records it was given, however they were split into batches, and however often it was
/// stopped and brought back: <see cref="Assign"/>, <see cref="Load"/> for each piece of saved state, <see cref="BeginReplay"/> with the committed
/// offset, then the records from the first offset that was unsaved on.
/// </remarks>
public interface IStage
{
    /// <summary>Begins a partition with empty memory.</summary>
    /// <param name="topic">Input topic.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="topicId">Incarnation of the topic; empty where unknown.</param>
    void Assign(string topic, int partition, Guid topicId);

    /// <summary>Forgets a partition.</summary>
    void Revoke(string topic, int partition);

    /// <summary>Reads one piece of saved state of a partition; after <see cref="Assign"/>, before any record.</summary>
    /// <exception cref="InvalidDataException">The bytes are not what was saved; the message says what was expected and what found.</exception>
    void Load(string topic, int partition, in StateKey key, ReadOnlySpan<byte> value);

    /// <summary>Labels of a partition come from the partition of the same number of another topic; after <see cref="Load"/>, before any record.</summary>
    /// <remarks>
    /// From then on the records of both are given in their merged order, and <see cref="FirstUnsaved"/>, <see cref="SaveScope.UnsavedBefore"/> speak of
    /// <see cref="LogOffsets.Sum"/>. A replay is begun with the committed offset of each.
    /// </remarks>
    /// <param name="topic">Topic of the predictions.</param>
    /// <param name="partition">Partition of both.</param>
    /// <param name="labelsTopic">Topic of the labels.</param>
    /// <param name="labelsTopicId">Its incarnation; empty where unknown.</param>
    /// <param name="from">Where reading begins.</param>
    void Pair(string topic, int partition, string labelsTopic, Guid labelsTopicId, LogOffsets from);

    /// <summary>Records before this offset were decided by an earlier run: they feed memory, and only what was not written then is written now.</summary>
    /// <remarks>Ends by itself when a record at or beyond the offset comes, or with <see cref="EndReplay"/>. Until then nothing is flushed or saved.</remarks>
    void BeginReplay(string topic, int partition, long committed);

    /// <summary>The replay has reached the committed offset.</summary>
    void EndReplay(string topic, int partition);

    /// <summary>Takes records of one partition, in order of offset, and appends what is to be written to <paramref name="output"/>.</summary>
    void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output);

    /// <summary>Closes what is open for a partition: when live input pauses, and at the end of a file.</summary>
    /// <remarks>A stop does not flush: what is open survives in saved state.</remarks>
    /// <param name="topic">Input topic.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="output">Takes what is to be written.</param>
    /// <param name="reason">Why; counted.</param>
    void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason);

    /// <summary>First offset of the partition that is not contained in its monitor's saved state; null where all is.</summary>
    /// <remarks>During a replay: at most the next offset to be replayed; before its first record 0, so ask after it.</remarks>
    long? FirstUnsaved(string topic, int partition);

    /// <summary>Appends state of monitors that changed, as records of <see cref="OutputTopic.State"/>; also forgets models idle for too long.</summary>
    void Save(string topic, int partition, SaveScope scope, List<OutputRecord> output);

    /// <summary>An immutable picture of counts and levels, for metrics.</summary>
    StageSnapshot Snapshot();
}

/// <summary>Why open panes are closed before they are full.</summary>
public enum FlushReason : byte
{
    /// <summary>No event for a while in live operation.</summary>
    Idle,

    /// <summary>The file has ended.</summary>
    End,
}
