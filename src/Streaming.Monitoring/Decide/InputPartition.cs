using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One partition of the predictions, as its panes tell of it.</summary>
internal sealed class InputPartition(string topic, int partition, int index)
{
    private readonly SortedDictionary<(string Topic, int Partition), (Guid TopicId, long Offset)> _ends = new(
        Comparer<(string Topic, int Partition)>.Create(static (a, b) =>
            string.CompareOrdinal(a.Topic, b.Topic) is var byTopic and not 0 ? byTopic : a.Partition.CompareTo(b.Partition)));

    public string Topic => topic;

    public int Partition => partition;

    public int Index => index;

    public long LastRecordTime { get; set; }

    public bool InRound { get; set; }

    public DriftLevel Level { get; set; }

    public long LevelRound { get; set; }

    /// <summary>Whether the pane lies beyond the last one taken; if so it is the last one now. A topic made anew counts from 0 again.</summary>
    public bool Advance(Pane pane)
    {
        // of a pane of labels alone only the labels' end lies beyond
        if (pane.Spans.All(span => _ends.TryGetValue((span.Topic, span.Partition), out var end) && span.TopicId == end.TopicId && span.ToOffset <= end.Offset))
        {
            return false;
        }

        if (_ends.TryGetValue((topic, partition), out var last) && last.TopicId != pane.Spans[0].TopicId)
        {
            (Level, LevelRound) = (DriftLevel.Learning, 0);
        }

        foreach (var span in pane.Spans)
        {
            _ends[(span.Topic, span.Partition)] = (span.TopicId, span.ToOffset);
        }

        return true;
    }

    public static InputPartition Load(ref StateReader reader, int index)
    {
        var loaded = new InputPartition(reader.Text(), reader.Int32(), index)
        {
            LastRecordTime = reader.Int64(),
            InRound = reader.Bool(),
            Level = (DriftLevel)reader.Byte((byte)DriftLevel.Drift),
            LevelRound = reader.Count(),
        };
        for (var left = reader.Length(32); left > 0; left--)
        {
            loaded._ends[(reader.Text(), reader.Int32())] = (reader.Guid(), reader.Int64());
        }

        return loaded;
    }

    public void Save(ref StateWriter writer)
    {
        writer.Write(topic);
        writer.Write(partition);
        writer.Write(LastRecordTime);
        writer.Write(InRound);
        writer.Write((byte)Level);
        writer.Count(LevelRound);
        writer.Count(_ends.Count);
        foreach (var ((endTopic, endPartition), (topicId, offset)) in _ends)
        {
            writer.Write(endTopic);
            writer.Write(endPartition);
            writer.Write(topicId);
            writer.Write(offset);
        }
    }
}
