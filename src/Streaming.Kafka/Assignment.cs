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
    public bool Moved => ReplayUntil is null && Next is { } next && next > (Committed ?? -1);

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

    public int QueuedRecords { get; private set; }

    public long QueuedBytes { get; private set; }

    public void Add(OwnedPartition owned) => _owned[owned.Partition] = owned;

    public OwnedPartition? Find(TopicPartition partition) => _owned.GetValueOrDefault(partition);

    public bool Remove(TopicPartition partition)
    {
        if (!_owned.Remove(partition, out var gone))
        {
            return false;
        }

        QueuedRecords -= gone.Queue.Count;
        foreach (ref readonly var record in gone.Queue.Records)
        {
            QueuedBytes -= Size(record);
        }

        return true;
    }

    public void MarkEnd(TopicPartition partition)
    {
        if (_owned.TryGetValue(partition, out var owned))
        {
            owned.AtEnd = true;
        }
    }

    public void Enqueue(TopicPartition partition, in LogRecord record)
    {
        // a record that arrives after its partition was revoked belongs to another member
        if (!_owned.TryGetValue(partition, out var owned))
        {
            return;
        }

        owned.Queue.Add(record);
        owned.AtEnd = false;
        QueuedRecords++;
        QueuedBytes += Size(record);
    }

    /// <summary>Whether every partition has a record waiting or is at its end, so that the oldest head is known.</summary>
    public bool HeadsKnown()
    {
        foreach (var owned in _owned.Values)
        {
            if (owned.Queue.Count == 0 && !owned.AtEnd)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The partition with the oldest head and how many of its records come before the others'; null where none waits.</summary>
    public (OwnedPartition Owned, int Count)? Oldest()
    {
        OwnedPartition? oldest = null;
        var (first, second) = (long.MaxValue, long.MaxValue);
        foreach (var owned in _owned.Values)
        {
            if (owned.Queue.Count == 0)
            {
                continue;
            }

            var head = owned.Queue.Records[0].Timestamp;
            if (oldest is null || head < first)
            {
                (oldest, first, second) = (owned, head, first);
            }
            else
            {
                second = Math.Min(second, head);
            }
        }

        if (oldest is null)
        {
            return null;
        }

        var records = oldest.Queue.Records;
        var count = 1;
        while (count < records.Length && count < LargestBatch && records[count].Timestamp - OrderSlackMilliseconds <= second)
        {
            count++;
        }

        return (oldest, count);
    }

    public void Drop(OwnedPartition owned, int count)
    {
        var records = owned.Queue.Records[..count];
        foreach (ref readonly var record in records)
        {
            QueuedBytes -= Size(record);
        }

        owned.Next = records[^1].Offset + 1;
        QueuedRecords -= count;
        owned.Queue.Drop(count);
    }

    public void Clear()
    {
        _owned.Clear();
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
