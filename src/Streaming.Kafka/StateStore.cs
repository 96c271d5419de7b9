using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>What was cleared.</summary>
/// <param name="Records">Records of state.</param>
/// <param name="Groups">Groups whose offsets were deleted.</param>
public sealed record StateReset(int Records, IReadOnlyList<string> Groups);

/// <summary>The saved state of both stages as an operator sees it: to look at, to keep, to clear.</summary>
public sealed class StateStore(KafkaOptions options, ILogger log, TimeProvider clock)
{
    private static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(20);

    // a transaction that an owner left open holds up the reading until the broker aborts it, at most this long
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(16);

    private readonly Topics _topics = new(options.Prefix);

    private string[] Groups => [options.Group, options.Group + ".decide"];

    /// <summary>Reads all state to the end that it had when this began.</summary>
    /// <exception cref="IOException">A state topic does not exist, or was not read in time.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or refuse.</exception>
    public StateListing Read(CancellationToken stop)
    {
        using var admin = KafkaProperties.Admin(options);
        using var envelope = new StateEnvelope();
        var (entries, damaged) = (new List<StateEntry>(), new List<DamagedState>());
        foreach (var (partition, records) in Records(admin, damaged, new List<(TopicPartition, byte[])>(), stop))
        {
            foreach (var piece in records.Pieces(static _ => true, envelope))
            {
                Add(partition, piece, entries, damaged);
            }
        }

        return new StateListing(Named(admin, entries), damaged);
    }

    /// <summary>Clears the state of one model, or all state and the offsets of both groups.</summary>
    /// <param name="model">The model; null for all.</param>
    /// <param name="stop">Ends it early; what is cleared by then is cleared.</param>
    /// <exception cref="IOException">A group has members, or a state topic cannot be read.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or refuse.</exception>
    public async Task<StateReset> ResetAsync(string? model, CancellationToken stop)
    {
        using var admin = KafkaProperties.Admin(options);
        await RequireNoMembersAsync(admin).ConfigureAwait(false);
        var unreadable = new List<(TopicPartition Partition, byte[] Key)>();
        var records = Records(admin, [], unreadable, stop);

        // offsets first: should this end half way, a start finds state without offsets and stops, rather than offsets without state and goes on
        var groups = model is null ? await DeleteOffsetsAsync(admin).ConfigureAwait(false) : [];

        // the cursors of a model stay: they tell which panes are written already
        var gone = records
            .SelectMany(static partition => partition.Value.Keys.Select(key => (Partition: partition.Key, key.Key, key.Bytes)))
            .Where(record => model is null || (record.Key.Model == model && record.Key.Kind == StateKind.Monitor))
            .Select(static record => (record.Partition, record.Bytes))
            .Concat(model is null ? unreadable.Select(static record => (record.Partition, record.Key)) : [])
            .ToList();
        Bury(gone, stop);
        return new StateReset(gone.Count, groups);
    }

    private List<KeyValuePair<TopicPartition, StateRecords>> Records(
        IAdminClient admin, List<DamagedState> damaged, List<(TopicPartition Partition, byte[] Key)> unreadable, CancellationToken stop)
    {
        try
        {
            var partitions = Topics.PartitionsOf(admin, [_topics.State(StageRole.Detect), _topics.State(StageRole.Decide)]);
            var found = new StateReading(options, options.Group, log, clock).Read(
                partitions, Deadline, _ => stop.ThrowIfCancellationRequested(),
                (record, problem) =>
                {
                    unreadable.Add((record.TopicPartition, record.Message.Key ?? []));
                    damaged.Add(new DamagedState(record.Topic, record.Partition.Value, record.Offset.Value, "key", problem));
                });
            return [.. found.OrderByDescending(static partition => partition.Key.Topic, StringComparer.Ordinal).ThenBy(static partition => partition.Key.Partition.Value)];
        }
        catch (Exception exception) when (exception is MissingTopicException or OwnershipLostException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static void Add(TopicPartition partition, StatePiece piece, List<StateEntry> entries, List<DamagedState> damaged)
    {
        var problem = piece.Problem;
        try
        {
            var summary = problem is null && piece.Key.Kind == StateKind.Monitor ? StateSummary.Read(piece.Value) : (StateSummary?)null;
            var position = problem is null && piece.Key.Kind == StateKind.Position ? PartitionPosition.Decode(piece.Value) : (PartitionPosition?)null;
            if (problem is null)
            {
                entries.Add(new StateEntry(
                    partition.Topic, partition.Partition.Value, piece.Offset, piece.Key, position?.Topic, false, piece.Bytes, piece.Value, summary,
                    position?.Committed, position?.ReplayFrom));
            }
        }
        catch (InvalidDataException exception)
        {
            problem = exception.Message;
        }

        if (problem is not null)
        {
            damaged.Add(new DamagedState(partition.Topic, partition.Partition.Value, piece.Offset, StateRecords.Name(piece.Key), problem));
        }
    }

    /// <summary>Positions name their topic; all else of the same identity is of that topic, and it is a former one where the name has another identity now.</summary>
    private static List<StateEntry> Named(IAdminClient admin, List<StateEntry> entries)
    {
        var names = new Dictionary<Guid, string>();
        foreach (var entry in entries.Where(static entry => entry.Topic is not null))
        {
            names[entry.Key.TopicId] = entry.Topic!;
        }

        var now = names.Values.Distinct(StringComparer.Ordinal).ToDictionary(static name => name, name => Topics.IdOrNull(admin, name), StringComparer.Ordinal);
        return
        [
            .. entries.Select(entry => names.TryGetValue(entry.Key.TopicId, out var name)
                ? entry with { Topic = name, IsFormer = now[name] != entry.Key.TopicId } : entry),
        ];
    }

    private async Task RequireNoMembersAsync(IAdminClient admin)
    {
        List<ConsumerGroupDescription> groups;
        try
        {
            groups = (await admin.DescribeConsumerGroupsAsync(Groups, new DescribeConsumerGroupsOptions { RequestTimeout = AdminTimeout }).ConfigureAwait(false))
                .ConsumerGroupDescriptions;
        }
        catch (DescribeConsumerGroupsException exception)
        {
            groups = exception.Results.ConsumerGroupDescriptions;
            if (groups.Find(static group => group.Error.IsError && group.Error.Code != ErrorCode.GroupIdNotFound) is { } failed)
            {
                throw new KafkaException(failed.Error);
            }
        }

        if (groups.Find(static group => group.Members.Count > 0) is { } active)
        {
            throw new IOException(
                $"group {active.GroupId} has {active.Members.Count} members ({string.Join(", ", active.Members.Select(static member => member.Host).Distinct())}): "
                + "stop every 'driftd run' of it first, and wait for the session timeout of one that was killed");
        }
    }

    private async Task<IReadOnlyList<string>> DeleteOffsetsAsync(IAdminClient admin)
    {
        var deleted = new List<string>();
        foreach (var group in Groups)
        {
            try
            {
                await admin.DeleteGroupsAsync([group], new DeleteGroupsOptions { RequestTimeout = AdminTimeout }).ConfigureAwait(false);
                deleted.Add(group);
            }
            catch (DeleteGroupsException exception) when (exception.Results.TrueForAll(static result => result.Error.Code == ErrorCode.GroupIdNotFound))
            {
                log.LogDebug(LogEvents.NoOffsets, "group {Group} has no offsets", group);
            }
            catch (DeleteGroupsException exception)
            {
                throw new KafkaException(exception.Results[0].Error);
            }
        }

        return deleted;
    }

    private void Bury(List<(TopicPartition Partition, byte[] Key)> keys, CancellationToken stop)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(KafkaProperties.Publisher(options)).SetLogHandler(static (_, _) => { }).Build();
        Error? failed = null;
        foreach (var (partition, key) in keys)
        {
            while (true)
            {
                try
                {
                    producer.Produce(
                        partition, new Message<byte[], byte[]> { Key = key, Value = null! }, report => failed = report.Error.IsError ? report.Error : failed);
                    break;
                }
                catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Flush(stop);
                }
            }
        }

        producer.Flush(stop);
        if (failed is { } error)
        {
            throw new KafkaException(error);
        }
    }
}
