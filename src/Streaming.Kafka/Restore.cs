using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A partition brought back to where its last owner left it, but for records that must be fed again.</summary>
/// <param name="Partition">The input partition.</param>
/// <param name="Start">Where reading begins.</param>
/// <param name="Committed">Outputs of records before it are committed; null on a first attach.</param>
/// <param name="MergeKey">Largest Kafka timestamp taken, where it is read together with another.</param>
internal readonly record struct RestoredPartition(TopicPartition Partition, long Start, long? Committed, long MergeKey);

/// <summary>Brings partitions back: stable committed offset, then saved state, then where the replay begins.</summary>
internal sealed class Restore(
    KafkaOptions options, StageRole role, IStage stage, Layout layout, StateEnvelope envelope, StateSaving saving, string group, ILogger log, TimeProvider clock)
{
    // below half of max.poll.interval.ms, above the time after which a broker aborts what a dead owner left open
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(55);

    private readonly StartOffsets _starts = new(options, log);
    private readonly StateReading _reading = new(options, group, log, clock);
    private readonly string _name = role.ToString().ToLowerInvariant();

    private Dictionary<TopicPartition, StateRecords> _saved = [];

    /// <summary>Partitions that went on elsewhere than where they were left, as <c>onMissingOffsets</c> says.</summary>
    public long Missed => _starts.Missed;

    /// <summary>Gives the stage the partitions with all that was saved of them.</summary>
    /// <exception cref="WorkerFailedException">State cannot be read, or offsets are gone and the policy is to stop.</exception>
    /// <exception cref="OwnershipLostException">An input is not the topic that it was when this membership began.</exception>
    public List<RestoredPartition> Of(IConsumer<byte[], byte[]> consumer, IReadOnlyList<TopicPartition> assigned, Action<long> progress)
    {
        if (assigned.Count == 0)
        {
            return [];
        }

        foreach (var partition in assigned)
        {
            // the input may have grown since the start
            layout.RequireStateFor(partition.Topic, partition.Partition.Value + 1);
        }

        var begin = clock.GetTimestamp();
        RequireSameTopics(consumer, assigned);
        var committed = StartOffsets.Committed(consumer, assigned, Deadline);
        var waited = clock.GetElapsedTime(begin);
        var saved = Read(assigned, progress);
        var restored = new List<RestoredPartition>(assigned.Count);
        foreach (var partition in assigned)
        {
            progress(0);
            restored.Add(Load(consumer, partition, committed[partition], saved[StatePartition(partition)], saved, progress));
        }

        _saved = saved;
        var took = clock.GetElapsedTime(begin);
        log.LogInformation(
            LogEvents.Restored, "{Stage}: restored {Partitions} in {Seconds:0.0} s (open transactions {Waited:0.0} s, state {Read:0.0} s), {Bytes} bytes of state", _name,
            string.Join(", ", restored.Select(static one => $"{one.Partition.Topic} [{one.Partition.Partition.Value}] from {Name(one.Start)} (committed {one.Committed?.ToString() ?? "nothing"})")),
            took.TotalSeconds, waited.TotalSeconds, (took - waited).TotalSeconds, saved.Values.Sum(static records => records.Bytes));
        return restored;
    }

    private static string Name(Offset offset) => offset == Offset.Beginning ? "the beginning" : offset == Offset.End ? "the end" : $"offset {offset.Value}";

    private TopicPartition StatePartition(TopicPartition input) => new(layout.State, input.Partition);

    private Dictionary<TopicPartition, StateRecords> Read(IReadOnlyList<TopicPartition> assigned, Action<long> progress)
    {
        try
        {
            return _reading.Read([.. assigned.Select(StatePartition).Distinct()], Deadline, progress);
        }
        catch (InvalidDataException exception)
        {
            throw Unreadable(layout.State, exception);
        }
    }

    /// <summary>State lies under the topic's identity, so it must not be written under that of a topic that is no more.</summary>
    private void RequireSameTopics(IConsumer<byte[], byte[]> consumer, IReadOnlyList<TopicPartition> assigned)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        foreach (var (topic, id) in options.IsEmbedded ? [] : Topics.Ids(admin, assigned.Select(static partition => partition.Topic)))
        {
            if (id != layout.Id(topic))
            {
                throw new OwnershipLostException($"{topic} was deleted and created anew");
            }
        }
    }

    private RestoredPartition Load(
        IConsumer<byte[], byte[]> consumer, TopicPartition partition, Offset committed, StateRecords saved,
        Dictionary<TopicPartition, StateRecords> all, Action<long> progress)
    {
        var id = layout.Id(partition.Topic);
        try
        {
            var (mine, foreign) = Position(saved, partition, id);
            RequireSamePartitions(mine, partition);
            var isAdded = mine is null && foreign is null && committed == Offset.Unset && IsAdded(partition, id, all, progress);
            var (start, upTo) = _starts.Of(consumer, partition, committed, new KnownPosition(mine, foreign, isAdded));
            var restored = new RestoredPartition(partition, start, upTo, mine?.MergeKey ?? long.MinValue);
            if (layout.IsLabels(partition.Topic) || layout.LabelsOf(partition.Topic) is not null)
            {
                // its state is read when the other half of the pair is here too
                return restored;
            }

            Load(partition, id, saved, null);
            if (upTo is { } until)
            {
                stage.BeginReplay(partition.Topic, partition.Partition.Value, until);
            }

            return restored;
        }
        catch (InvalidDataException exception)
        {
            throw Unreadable(StatePartition(partition).ToString(), exception);
        }
    }

    /// <summary>Gives the stage a predictions partition with its labels; both must be among those restored last, or one of them earlier.</summary>
    public MergeOrder Pair(OwnedPartition predictions, OwnedPartition labels)
    {
        var (partition, labelsTopic) = (predictions.Partition, labels.Partition.Topic);
        var from = new LogOffsets(predictions.Start, labels.Start);
        var order = new MergeOrder(from, predictions.MergeKey, labels.MergeKey);
        try
        {
            Load(partition, layout.Id(partition.Topic), _saved[StatePartition(partition)], order);
            stage.Pair(partition.Topic, partition.Partition.Value, labelsTopic, layout.Id(labelsTopic), from);
        }
        catch (InvalidDataException exception)
        {
            throw Unreadable(StatePartition(partition).ToString(), exception);
        }

        foreach (var half in (OwnedPartition[])[predictions, labels])
        {
            if (half.ReplayUntil is { } until)
            {
                stage.BeginReplay(half.Partition.Topic, half.Partition.Partition.Value, until);
            }
        }

        order.BeginReplay(new LogOffsets(predictions.ReplayUntil ?? 0, labels.ReplayUntil ?? 0));
        return order;
    }

    private void Load(TopicPartition partition, Guid id, StateRecords saved, MergeOrder? order)
    {
        stage.Assign(partition.Topic, partition.Partition.Value, id);
        var labelsId = layout.LabelsOf(partition.Topic) is { } labels ? layout.Id(labels) : Guid.Empty;
        foreach (var one in saved.Values(key => Belongs(key, partition, id) && key.Kind != StateKind.Position, envelope))
        {
            saving.Note(one.Key, one.Parts);
            if (one.Key.Kind == StateKind.Order)
            {
                order?.Taken.Load(one.Value, labelsId);
                continue;
            }

            Load(partition, one);
        }
    }

    private void Load(TopicPartition partition, in StatePiece one)
    {
        try
        {
            stage.Load(partition.Topic, partition.Partition.Value, one.Key, one.Value);
        }
        catch (InvalidDataException exception)
        {
            throw one.Unreadable(exception.Message);
        }
    }

    /// <summary>The position of this partition, and that of a topic of the same name that is no more.</summary>
    private (PartitionPosition? Mine, PartitionPosition? Foreign) Position(StateRecords saved, TopicPartition partition, Guid id)
    {
        (PartitionPosition? mine, PartitionPosition? foreign) = (null, null);
        foreach (var one in saved.Values(key => key.Kind == StateKind.Position && key.Partition == partition.Partition.Value, envelope))
        {
            var position = Decode(one);
            if (one.Key.TopicId == id)
            {
                mine = position;
            }
            else if (position.Topic == partition.Topic)
            {
                foreign = position;
            }
        }

        return (mine, foreign);
    }

    private static PartitionPosition Decode(in StatePiece one)
    {
        try
        {
            return PartitionPosition.Decode(one.Value);
        }
        catch (InvalidDataException exception)
        {
            throw one.Unreadable(exception.Message);
        }
    }

    /// <summary>Whether the topic had fewer partitions when it was attached: partition 0, which every attach notes, says how many there were.</summary>
    private bool IsAdded(TopicPartition partition, Guid id, Dictionary<TopicPartition, StateRecords> all, Action<long> progress)
    {
        var first = new TopicPartition(partition.Topic, 0);
        if (partition.Partition.Value > 0 && !all.ContainsKey(StatePartition(first)))
        {
            all[StatePartition(first)] = Read([first], progress)[StatePartition(first)];
        }

        return partition.Partition.Value > 0 && Position(all[StatePartition(first)], first, id).Mine is { } known && known.Partitions <= partition.Partition.Value;
    }

    private void RequireSamePartitions(PartitionPosition? position, TopicPartition partition)
    {
        // a model's panes lie in the partition that its hash gives: with another count its memory would be elsewhere
        var (now, before) = (Math.Max(layout.Partitions(partition.Topic), partition.Partition.Value + 1), position?.Partitions ?? layout.Partitions(partition.Topic));
        if (role == StageRole.Decide && now != before)
        {
            throw new WorkerFailedException(
                $"{partition.Topic} has {now} partitions, had {before} when state was written: the number must not change; "
                + "begin anew under another prefix, or clear the state (driftd state reset)");
        }
    }

    private static bool Belongs(StateKey key, TopicPartition partition, Guid id) => key.TopicId == id && key.Partition == partition.Partition.Value;

    private static WorkerFailedException Unreadable(string where, InvalidDataException exception) =>
        new($"state in {where} cannot be read: {exception.Message}; clear it (driftd state reset) to begin anew", exception);
}
