namespace Streaming.Monitoring;

/// <summary>DECIDE: panes in, signals and triggers out.</summary>
/// <remarks>A function of each panes partition's log, record timestamps included, and of nothing else.</remarks>
public sealed class DecideStage(MonitoringOptions options) : IStage
{
    private readonly Dictionary<(string Topic, int Partition), PartitionDecide> _partitions = [];
    private readonly DecideCounts _counts = new();
    private readonly string _configHash = ConfigurationHash.Of(options);

    /// <inheritdoc/>
    public void Assign(string topic, int partition, Guid topicId)
    {
        Revoke(topic, partition);
        _partitions[(topic, partition)] = new PartitionDecide(options, _configHash, _counts, new MonitoredPartition(topic, partition, topicId));
    }

    /// <inheritdoc/>
    public void Revoke(string topic, int partition)
    {
        if (_partitions.Remove((topic, partition), out var gone))
        {
            gone.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Load(string topic, int partition, in StateKey key, ReadOnlySpan<byte> value) => _partitions[(topic, partition)].Load(key, value);

    /// <inheritdoc/>
    public void Pair(string topic, int partition, string labelsTopic, Guid labelsTopicId, LogOffsets from) =>
        throw new NotSupportedException("panes have no labels topic");

    /// <inheritdoc/>
    public void BeginReplay(string topic, int partition, long committed) => _partitions[(topic, partition)].BeginReplay(committed);

    /// <inheritdoc/>
    public void EndReplay(string topic, int partition) => _partitions[(topic, partition)].EndReplay();

    /// <inheritdoc/>
    public void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output)
    {
        var decide = _partitions[(topic, partition)];
        foreach (ref readonly var record in records)
        {
            decide.Process(record, output);
        }
    }

    /// <summary>Does nothing: a round that is open stays open.</summary>
    public void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason)
    {
    }

    /// <inheritdoc/>
    public long? FirstUnsaved(string topic, int partition) => _partitions[(topic, partition)].FirstUnsaved;

    /// <inheritdoc/>
    public void Save(string topic, int partition, SaveScope scope, List<OutputRecord> output) => _partitions[(topic, partition)].Save(scope, output);

    /// <inheritdoc/>
    public StageSnapshot Snapshot()
    {
        var (versions, policies, performance, streams, text) = (new List<VersionStanding>(), new List<ModelStanding>(), new List<VersionPerformance>(), 0L, 0L);
        foreach (var model in _partitions.Values.SelectMany(static partition => partition.Models))
        {
            policies.Add(model.Standing);
            foreach (var version in model.Versions)
            {
                versions.Add(version.Standing(model.Model));
                performance.AddRange(version.PerformanceStanding(model.Model) is { } standing ? [standing] : []);
                streams += version.Streams.Count;
                text += version.TextStreams;
            }
        }

        return _counts.Snapshot() with { Versions = versions, Policies = policies, Performance = performance, StreamsHeld = streams, TextStreamsHeld = text };
    }
}
