using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Which stage a worker runs.</summary>
public enum StageRole : byte
{
    /// <summary>Events to panes, one partition at a time.</summary>
    Detect,

    /// <summary>Panes to signals and triggers, one model at a time.</summary>
    Decide,
}

/// <summary>Records between what was processed and the end of a partition.</summary>
public readonly record struct PartitionLag(string Topic, int Partition, long Lag);

/// <summary>An immutable picture of a worker, made once per commit interval; metrics and health read nothing else.</summary>
public sealed record WorkerSnapshot
{
    /// <summary>Counts and levels of the stage.</summary>
    public StageSnapshot Stage { get; init; } = StageSnapshot.Empty;

    /// <summary>Per assigned partition.</summary>
    public IReadOnlyList<PartitionLag> Lags { get; init; } = [];

    /// <summary>Records processed since start.</summary>
    public long Records { get; init; }

    /// <summary>Records that wait between fetch and processing.</summary>
    public int Queued { get; init; }

    /// <summary>Transactions committed since start.</summary>
    public long Commits { get; init; }

    /// <summary>Transactions aborted since start.</summary>
    public long Aborts { get; init; }

    /// <summary>Producers thrown away since start, because the outcome of a commit was not known.</summary>
    public long Recycles { get; init; }

    /// <summary>Assignments and revocations since start.</summary>
    public long Rebalances { get; init; }

    /// <summary>Partitions restored since start.</summary>
    public long Restores { get; init; }

    /// <summary>Partitions whose records are being fed again after a restore.</summary>
    public int Replaying { get; init; }

    /// <summary>Records that these partitions are to be fed again, as offsets.</summary>
    public long ReplayLeft { get; init; }

    /// <summary>Partitions whose state is being read back.</summary>
    public int Restoring { get; init; }

    /// <summary>Records of state read for them so far.</summary>
    public long RestoreRead { get; init; }

    /// <summary>When it last committed, or found nothing to commit; null before the first time.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>Bytes of state written since start, compressed.</summary>
    public long StateBytes { get; init; }

    /// <summary>Records taken since start after a record of the other of predictions and labels that the merge rule puts later.</summary>
    public long MergeUnordered { get; init; }

    /// <summary>Pieces of state written since start.</summary>
    public long StateValues { get; init; }

    /// <summary>Now less the largest event time, seconds; null before the first event.</summary>
    public double? EventTimeDelay { get; init; }

    /// <summary>Partitions that went on elsewhere than where they were left since start, because offsets were gone.</summary>
    public long OffsetsMissing { get; init; }

    /// <summary>Time at which the group's coordinator last answered, in ticks of the worker's clock.</summary>
    public long Contact { get; init; }

    /// <summary>Member of its group, all partitions restored and replayed, commits not failing; says nothing of how long ago that was.</summary>
    public bool Ready { get; init; }
}
