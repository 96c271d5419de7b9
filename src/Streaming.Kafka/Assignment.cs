using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A partition that this worker owns: its queue, and how far it has come.</summary>
internal sealed class OwnedPartition(TopicPartition partition, long? committed, SaveSchedule schedule)
{
    public TopicPartition Partition => partition;

    public RecordQueue Queue { get; } = new();

    /// <summary>Offset after the last processed record; null before the first.</summary>
    public long? Next { get; set; }

    /// <summary>Offset that is committed, as far as this worker knows.</summary>
    public long? Committed { get; set; } = committed;

    /// <summary>Records before it are fed again to bring memory back; null where that is done.</summary>
    public long? ReplayUntil { get; set; } = committed;

    /// <summary>When state is due.</summary>
    public SaveSchedule Schedule => schedule;

    /// <summary>Whether a commit has something to say of it.</summary>
    public bool Moved => Unit is not null && !IsReplaying && Next is { } next && next > (Committed ?? -1);

    /// <summary>With which partition it is read together; null where that is not, or not yet.</summary>
    public PartitionPair? Pair { get; set; }

    /// <summary>It is read together with another, which is not (or no longer) here.</summary>
    public bool IsHalf { get; init; }

    /// <summary>Where reading began.</summary>
    public long Start { get; init; }

    /// <summary>Largest Kafka timestamp that had been taken when it was saved.</summary>
    public long MergeKey { get; init; } = long.MinValue;

    /// <summary>The one that state lies under: itself, or the predictions of the pair; null where the other half is missing.</summary>
    public OwnedPartition? Unit => Pair is { } pair ? pair.Predictions : IsHalf ? null : this;

    /// <summary>How far state has come: the next offset, or of a pair the sum of both.</summary>
    public long Reached => Pair?.Order.At.Sum ?? Next ?? 0;

    /// <summary>Whether it, or what it is read with, is being replayed.</summary>
    public bool IsReplaying => Pair?.IsReplaying ?? ReplayUntil is not null;

    /// <summary>Bytes that wait.</summary>
    public long QueuedBytes { get; set; }

    /// <summary>Enough of it waits: the client was told to fetch no more.</summary>
    public bool IsPaused { get; set; }

    /// <summary>When its last record came.</summary>
    public long LastArrival { get; set; }

    /// <summary>The consumer had nothing more when it last asked.</summary>
    public bool AtEnd { get; set; }

    /// <summary>When its last record was processed, and whether that was since the last flush.</summary>
    public (long At, bool Open) LastRecord { get; set; }
}

/// <summary>The partitions of this worker; filled when they are assigned, emptied when they are revoked or lost.</summary>
internal sealed class Assignment
{
    /// <summary>Records of one partition that are processed in one go.</summary>
    public const int LargestBatch = 512;

    // two array headers and a place in a queue that may have just doubled
    private const int RecordOverhead = 160;

    // a string and an array, and their place in a list
    private const int HeaderOverhead = 96;

    // partitions are processed in the order of their records' timestamps, give or take this much
    private const long OrderSlackMilliseconds = 100;

    private readonly Dictionary<TopicPartition, OwnedPartition> _owned = [];

    public ICollection<OwnedPartition> Partitions => _owned.Values;

    /// <summary>Partitions that state lies under, each once: a pair by its predictions.</summary>
    public IEnumerable<OwnedPartition> Units => _owned.Values.Where(static owned => owned.Unit == owned);

    /// <summary>Whether partitions are read together in pairs.</summary>
    public bool HasPairs { get; private set; }

    /// <summary>Whether any partition is half of a pair, its other half here or not.</summary>
    public bool HasHalves { get; private set; }

    /// <summary>Records taken out of order in pairs that are here.</summary>
    public long MergeUnordered => HasPairs ? Units.Sum(static owned => owned.Pair?.Order.Unordered ?? 0) : 0;

    /// <summary>Whether any record can be taken now; where halves of pairs wait for each other, or one is not here (yet), none can.</summary>
    public bool CanTake => HasHalves ? Oldest() is not null : QueuedRecords > 0;

    public int QueuedRecords { get; private set; }

    public long QueuedBytes { get; private set; }

    public void Add(OwnedPartition owned)
    {
        _owned[owned.Partition] = owned;
        HasHalves |= owned.IsHalf;
    }

    public OwnedPartition? Find(TopicPartition partition) => _owned.GetValueOrDefault(partition);

    public bool Remove(TopicPartition partition)
    {
        if (!_owned.Remove(partition, out var gone))
        {
            return false;
        }

        QueuedRecords -= gone.Queue.Count;
        QueuedBytes -= gone.QueuedBytes;
        if (gone.Pair is { } pair)
        {
            (pair.Predictions.Pair, pair.Labels.Pair) = (null, null);
        }

        return true;
    }

    /// <summary>Two partitions are read together from now on.</summary>
    public void Join(PartitionPair pair) => (pair.Predictions.Pair, pair.Labels.Pair, HasPairs) = (pair, pair, true);

    public void MarkEnd(TopicPartition partition)
    {
        if (_owned.TryGetValue(partition, out var owned))
        {
            owned.AtEnd = true;
        }
    }

    public OwnedPartition? Enqueue(TopicPartition partition, in LogRecord record)
    {
        // a record that arrives after its partition was revoked belongs to another member
        if (!_owned.TryGetValue(partition, out var owned))
        {
            return null;
        }

        var size = Size(record);
        owned.Queue.Add(record);
        owned.AtEnd = false;
        owned.QueuedBytes += size;
        QueuedRecords++;
        QueuedBytes += size;
        return owned;
    }

    /// <summary>Whether every partition has a record waiting or is at its end, so that the oldest head is known.</summary>
    public bool HeadsKnown()
    {
        foreach (var owned in _owned.Values)
        {
            if (owned.Pair is { } pair ? !pair.IsEmpty && pair.Next(1) is null : owned.Queue.Count == 0 && !owned.AtEnd && !owned.IsHalf)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The partition with the oldest head and how many of its records come before the others'; null where none waits.</summary>
    public (OwnedPartition Owned, int Count)? Oldest()
    {
        (OwnedPartition Owned, int Count)? oldest = null;
        var (first, second) = (long.MaxValue, long.MaxValue);
        foreach (var owned in _owned.Values)
        {
            if (HeadOf(owned) is not { } candidate)
            {
                continue;
            }

            var head = candidate.Owned.Queue.Records[0].Timestamp;
            if (oldest is null || head < first)
            {
                (oldest, first, second) = (candidate, head, first);
            }
            else
            {
                second = Math.Min(second, head);
            }
        }

        if (oldest is not { } found)
        {
            return null;
        }

        var records = found.Owned.Queue.Records;
        var count = 1;
        while (count < found.Count && records[count].Timestamp - OrderSlackMilliseconds <= second)
        {
            count++;
        }

        return (found.Owned, count);
    }

    private static (OwnedPartition Owned, int Count)? HeadOf(OwnedPartition owned) =>
        owned.Pair is { } pair ? owned == pair.Predictions ? pair.Next(LargestBatch) : null
        : owned.IsHalf || owned.Queue.Count == 0 ? null : (owned, Math.Min(LargestBatch, owned.Queue.Count));

    public void Drop(OwnedPartition owned, int count)
    {
        owned.Pair?.Take(owned, count);
        var records = owned.Queue.Records[..count];
        var bytes = 0L;
        foreach (ref readonly var record in records)
        {
            bytes += Size(record);
        }

        owned.Next = records[^1].Offset + 1;
        owned.QueuedBytes -= bytes;
        QueuedBytes -= bytes;
        QueuedRecords -= count;
        owned.Queue.Drop(count);
    }

    public void Clear()
    {
        _owned.Clear();
        (HasPairs, HasHalves) = (false, false);
        (QueuedRecords, QueuedBytes) = (0, 0);
    }

    /// <summary>What a waiting record takes: its bytes, and those of the objects around them.</summary>
    private static long Size(in LogRecord record)
    {
        var bytes = (long)RecordOverhead + (record.Value?.Length ?? 0) + (record.Key?.Length ?? 0);
        for (var i = 0; i < (record.Headers?.Count ?? 0); i++)
        {
            bytes += HeaderOverhead + record.Headers![i].Key.Length + record.Headers[i].Value.Length;
        }

        return bytes;
    }
}
