using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Adds to a transaction what a restart needs: state that is due, and how far each partition has come.</summary>
internal sealed class StateSaving(IStage stage, Layout layout, StateEnvelope envelope, WorkerCounts counts)
{
    /// <summary>State written with one commit, at most about this much: a trickle, so that commits stay quick.</summary>
    public const int TrickleBytes = 1 << 20;

    /// <summary>The same for a stop or a revoke, where all is written, transaction by transaction.</summary>
    public const int StopBytes = 8 << 20;

    // parts that the log holds of values that needed more than one
    private readonly Dictionary<StateKey, int> _parts = [];

    /// <summary>Notes how many parts of a value the log holds.</summary>
    public void Note(StateKey key, int parts)
    {
        if (parts > 1)
        {
            _parts[key] = parts;
        }
    }

    /// <summary>Appends the state of a partition that is due, and its position.</summary>
    public void Append(OwnedPartition owned, bool all, List<OutputRecord> outputs)
    {
        var (topic, partition) = (owned.Partition.Topic, owned.Partition.Partition.Value);
        var next = owned.Reached;
        var due = owned.Schedule.Due(next);
        stage.Save(topic, partition, all ? new SaveScope(false, long.MaxValue, StopBytes) : new SaveScope(false, due, TrickleBytes), outputs);
        var unsaved = stage.FirstUnsaved(topic, partition) ?? next;
        if (owned.Pair is not { } pair)
        {
            Add(owned, new PartitionPosition(topic, layout.Partitions(topic), next, unsaved), outputs);
            return;
        }

        var (order, from, labels) = (pair.Order, pair.Order.Taken.Find(unsaved), pair.Labels.Partition.Topic);
        Add(owned, new PartitionPosition(topic, layout.Partitions(topic), order.At.Predictions, from.Predictions, order.KeyOf(InputSide.Predictions)), outputs);
        Add(pair.Labels, new PartitionPosition(labels, layout.Partitions(labels), order.At.Labels, from.Labels, order.KeyOf(InputSide.Labels)), outputs);
        order.Taken.Save(new StateKey(layout.Id(topic), partition, StateKind.Order, "", "", 0), layout.Id(labels), unsaved, outputs);
    }

    /// <summary>Wraps the pieces of state among the outputs, from the given one on, as they go to the log; returns how many outputs there are then.</summary>
    public int Pack(List<OutputRecord> outputs, int from)
    {
        var count = outputs.Count;
        for (var i = from; i < count; i++)
        {
            if (outputs[i] is not { Topic: OutputTopic.State } record)
            {
                continue;
            }

            var key = StateKey.Decode(record.Key!);
            var packed = record.Value is null ? [] : envelope.Pack(key, record.Value);
            counts.StateValues++;

            // the first part takes the place of the piece; the others, and tombstones of parts that are no longer needed, follow at the end
            outputs[i] = packed.Count > 0 ? record with { Value = packed[0].Value } : record;
            counts.StateBytes += outputs[i].Value?.Length ?? 0;
            for (var part = 1; part < packed.Count; part++)
            {
                outputs.Add(record with { Key = packed[part].Key, Value = packed[part].Value });
                counts.StateBytes += packed[part].Value.Length;
            }

            DropOldParts(key, Math.Max(1, packed.Count), record, outputs);
        }

        return outputs.Count;
    }

    private void Add(OwnedPartition owned, in PartitionPosition position, List<OutputRecord> outputs)
    {
        var key = new StateKey(layout.Id(position.Topic), owned.Partition.Partition.Value, StateKind.Position, "", "", 0);
        outputs.Add(new OutputRecord(OutputTopic.State, (uint)key.Partition, key.Encode(), position.Encode()));
    }

    private void DropOldParts(StateKey key, int parts, OutputRecord record, List<OutputRecord> outputs)
    {
        if (_parts.Remove(key, out var before))
        {
            for (var part = parts; part < before; part++)
            {
                outputs.Add(record with { Key = (key with { Part = part }).Encode(), Value = null });
            }
        }

        Note(key, parts);
    }
}
