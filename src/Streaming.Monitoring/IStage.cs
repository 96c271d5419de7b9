namespace Streaming.Monitoring;

/// <summary>One of the two stages, DETECT or DECIDE, as the loop that reads the log drives it.</summary>
/// <remarks>One thread. What a stage writes is a function of the records it was given, however they were split into batches.</remarks>
public interface IStage
{
    /// <summary>Begins a partition with empty memory.</summary>
    void Assign(string topic, int partition);

    /// <summary>Forgets a partition.</summary>
    void Revoke(string topic, int partition);

    /// <summary>Takes records of one partition, in order of offset, and appends what is to be written to <paramref name="output"/>.</summary>
    void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output);

    /// <summary>Closes what is open for a partition: before a clean stop or a revoke, and when live input pauses.</summary>
    /// <param name="topic">Input topic.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="output">Takes what is to be written.</param>
    /// <param name="reason">Why; counted.</param>
    void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason);

    /// <summary>An immutable picture of counts and levels, for metrics.</summary>
    StageSnapshot Snapshot();
}

/// <summary>Why open panes are closed before they are full.</summary>
public enum FlushReason : byte
{
    /// <summary>No event for a while in live operation.</summary>
    Idle,

    /// <summary>The process stops or gives the partition away.</summary>
    Stop,

    /// <summary>The file has ended.</summary>
    End,
}
