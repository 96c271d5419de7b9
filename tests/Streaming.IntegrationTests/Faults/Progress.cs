using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>How far the groups of a scenario have come, as the brokers know it.</summary>
internal sealed class Progress(Scene scene) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly IAdminClient _admin = scene.Cluster.Admin();

    // consumers that never join, since an administrator's question about a group that no broker knows yet can end the native client
    private readonly Dictionary<StageRole, IConsumer<byte[], byte[]>> _askers = [];

    /// <summary>Committed offset of each partition of a stage's input; those without one are left out.</summary>
    public Dictionary<int, long> Committed(StageRole role)
    {
        try
        {
            var partitions = _admin.GetMetadata(scene.Input(role), Timeout).Topics[0].Partitions.Select(partition => new TopicPartition(scene.Input(role), partition.PartitionId));
            return Asker(role).Committed(partitions, Timeout).Where(static found => found.Offset.Value >= 0)
                .ToDictionary(static found => found.Partition.Value, static found => found.Offset.Value);
        }
        catch (KafkaException)
        {
            // no member has joined yet
            return [];
        }
    }

    /// <summary>Ends of a topic's partitions: the high watermark, or for those who believe committed records only the last stable offset.</summary>
    public Dictionary<int, long> Ends(string topic, IsolationLevel isolation)
    {
        var partitions = _admin.GetMetadata(topic, Timeout).Topics[0].Partitions;
        var wanted = partitions.Select(partition => new TopicPartitionOffsetSpec
        {
            TopicPartition = new(topic, partition.PartitionId),
            OffsetSpec = OffsetSpec.Latest(),
        });
        return _admin.ListOffsetsAsync(wanted, new ListOffsetsOptions { IsolationLevel = isolation }).GetAwaiter().GetResult().ResultInfos.ToDictionary(
            static info => info.TopicPartitionOffsetError.Partition.Value, static info => info.TopicPartitionOffsetError.Offset.Value);
    }

    /// <summary>Whether DETECT has committed all events that are in the log, of which no more may come.</summary>
    public bool AllDetected() => AllDetected(Ends(scene.Topic, IsolationLevel.ReadUncommitted));

    /// <summary>Whether DETECT has committed all events up to these ends, which the log may have left behind.</summary>
    public bool AllDetected(IReadOnlyDictionary<int, long> ends)
    {
        var committed = Committed(StageRole.Detect);
        return ends.All(end => end.Value == 0 || committed.GetValueOrDefault(end.Key) >= end.Value);
    }

    /// <summary>Whether DECIDE has committed these panes.</summary>
    public bool AllDecided(IReadOnlyDictionary<int, long> ends)
    {
        var committed = Committed(StageRole.Decide);
        return ends.All(end => committed.GetValueOrDefault(end.Key) >= end.Value);
    }

    public void Dispose()
    {
        _admin.Dispose();
        foreach (var asker in _askers.Values)
        {
            asker.Dispose();
        }
    }

    private IConsumer<byte[], byte[]> Asker(StageRole role)
    {
        if (!_askers.TryGetValue(role, out var asker))
        {
            asker = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
            {
                BootstrapServers = scene.Cluster.BootstrapServers,
                GroupId = scene.Group(role),
                IsolationLevel = IsolationLevel.ReadUncommitted,
            }).SetLogHandler(static (_, _) => { }).Build();
            _askers.Add(role, asker);
        }

        return asker;
    }
}
