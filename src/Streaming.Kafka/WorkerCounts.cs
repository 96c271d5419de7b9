using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>What a worker has done since the process started: it outlives memberships in the group, as counters must. One thread.</summary>
internal sealed class WorkerCounts
{
    public long Records { get; set; }

    public long Commits { get; set; }

    public long Aborts { get; set; }

    /// <summary>Producers thrown away.</summary>
    public long Recycles { get; set; }

    /// <summary>Producers that the client has not come back from, kept so that nothing destroys them.</summary>
    public List<IDisposable> Left { get; } = [];

    public long Rebalances { get; set; }

    public long Restores { get; set; }

    /// <summary>Records of predictions and labels taken out of order, in partitions that went.</summary>
    public long MergeUnordered { get; set; }

    /// <summary>Bytes of state written, compressed.</summary>
    public long StateBytes { get; set; }

    /// <summary>Pieces of state written.</summary>
    public long StateValues { get; set; }

    /// <summary>Topics of which nothing can be used, as far as that was said.</summary>
    public int SaidUnusable { get; set; }

    /// <summary>A picture of them, beside that of the stage.</summary>
    public WorkerSnapshot Snapshot(StageSnapshot stage) => new()
    {
        Stage = stage,
        Records = Records,
        Commits = Commits,
        Aborts = Aborts,
        Recycles = Recycles,
        Rebalances = Rebalances,
        Restores = Restores,
        StateBytes = StateBytes,
        StateValues = StateValues,
    };

    /// <summary>When the broker fenced a producer of this worker.</summary>
    public List<long> Fencings { get; } = [];
}
