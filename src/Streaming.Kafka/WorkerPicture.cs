using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Makes the picture of a worker that metrics and health show.</summary>
internal sealed class WorkerPicture(StageRole role, IStage stage, Assignment assignment, IConsumer<byte[], byte[]> consumer, WorkerCounts counts, TimeProvider clock)
{
    /// <summary>The picture of this moment.</summary>
    public WorkerSnapshot Make(long offsetsMissing, long contact, bool ready)
    {
        var (lags, replaying, replayLeft) = (new List<PartitionLag>(assignment.Partitions.Count), 0, 0L);
        foreach (var owned in assignment.Partitions)
        {
            replaying += owned.ReplayUntil is null ? 0 : 1;
            replayLeft += owned is { ReplayUntil: { } until, Next: { } next } ? Math.Max(0, until - next) : 0;
            if (LagOf(owned) is { } lag)
            {
                lags.Add(new PartitionLag(owned.Partition.Topic, owned.Partition.Partition, lag));
            }
        }

        var snapshot = stage.Snapshot();
        return counts.Snapshot(snapshot) with
        {
            Lags = lags,
            Queued = assignment.QueuedRecords,
            Replaying = replaying,
            ReplayLeft = replayLeft,
            CommittedAt = clock.GetUtcNow(),
            MergeUnordered = role == StageRole.Detect ? counts.MergeUnordered + assignment.MergeUnordered : 0,
            OffsetsMissing = offsetsMissing,
            Contact = contact,
            EventTimeDelay = snapshot.Watermark is { } mark ? (clock.GetUtcNow().ToUnixTimeMilliseconds() - mark) / 1_000.0 : null,
            Ready = ready && replaying == 0,
        };
    }

    private long? LagOf(OwnedPartition owned)
    {
        // markers of transactions take offsets at the end of a log; no record is missing where the client has found the end
        if (owned.AtEnd && owned.Queue.Count == 0)
        {
            return 0;
        }

        var high = consumer.GetWatermarkOffsets(owned.Partition).High.Value;
        return owned.Next is { } next && high >= 0 ? Math.Max(0, high - next) : null;
    }
}
