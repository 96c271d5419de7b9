namespace Streaming.Monitoring;

/// <summary>DETECT: events of each partition in, panes and dead letters out; commands are passed on among the panes.</summary>
/// <param name="options">What is configured.</param>
/// <param name="commandsTopic">Topic whose records are commands; null where there is none.</param>
public sealed class DetectStage(MonitoringOptions options, string? commandsTopic = null) : IStage
{
    private readonly EventDecoder _decoder = DecoderOf(options);
    private readonly Dictionary<(string Topic, int Partition), PartitionDetect> _partitions = [];
    private readonly Dictionary<(string Topic, int Partition), PartitionDetect> _labels = [];
    private readonly Dictionary<int, long> _forwarded = [];
    private readonly DetectCounts _counts = new();

    /// <inheritdoc/>
    public void Assign(string topic, int partition, Guid topicId)
    {
        Revoke(topic, partition);
        if (topic == commandsTopic)
        {
            return;
        }

        _partitions[(topic, partition)] = new PartitionDetect(options, _decoder, _counts, new MonitoredPartition(topic, partition, topicId));
    }

    /// <inheritdoc/>
    public void Revoke(string topic, int partition)
    {
        if (topic == commandsTopic)
        {
            _forwarded.Remove(partition);
            return;
        }

        if (!_partitions.Remove((topic, partition), out var gone))
        {
            return;
        }

        foreach (var monitor in gone.Monitors)
        {
            _counts.Keep(monitor);
        }

        _counts.Keep(gone.Labels);
        foreach (var labels in _labels.Where(pair => pair.Value == gone).Select(static pair => pair.Key).ToList())
        {
            _labels.Remove(labels);
        }
    }

    /// <inheritdoc/>
    public void Pair(string topic, int partition, string labelsTopic, Guid labelsTopicId, LogOffsets from)
    {
        var detect = _partitions[(topic, partition)];
        detect.Pair(new MonitoredPartition(labelsTopic, partition, labelsTopicId), from);
        _labels[(labelsTopic, partition)] = detect;
    }

    /// <inheritdoc/>
    public void Load(string topic, int partition, in StateKey key, ReadOnlySpan<byte> value) => _partitions[(topic, partition)].Load(key, value);

    /// <inheritdoc/>
    public void BeginReplay(string topic, int partition, long committed)
    {
        if (topic == commandsTopic)
        {
            _forwarded[partition] = committed;
        }
        else if (_labels.TryGetValue((topic, partition), out var labelled))
        {
            labelled.BeginLabelsReplay(committed);
        }
        else
        {
            _partitions[(topic, partition)].BeginReplay(committed);
        }
    }

    /// <inheritdoc/>
    public void EndReplay(string topic, int partition) => Of(topic, partition)?.EndReplay();

    /// <inheritdoc/>
    public void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output)
    {
        if (topic == commandsTopic)
        {
            Forward(topic, partition, records, output);
            return;
        }

        if (_labels.TryGetValue((topic, partition), out var labelled))
        {
            foreach (ref readonly var record in records)
            {
                labelled.ProcessLabel(record, output);
            }

            return;
        }

        var detect = _partitions[(topic, partition)];
        foreach (ref readonly var record in records)
        {
            detect.Process(record, output);
        }
    }

    /// <inheritdoc/>
    public void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason) =>
        Of(topic, partition)?.Close(reason == FlushReason.Idle ? PaneEnd.Idle : PaneEnd.End, output);

    /// <inheritdoc/>
    public long? FirstUnsaved(string topic, int partition) => Of(topic, partition)?.FirstUnsaved;

    /// <inheritdoc/>
    public void Save(string topic, int partition, SaveScope scope, List<OutputRecord> output) => Of(topic, partition)?.Save(scope, output);

    /// <inheritdoc/>
    public StageSnapshot Snapshot()
    {
        var watermark = long.MinValue;
        foreach (var partition in _partitions.Values)
        {
            watermark = Math.Max(watermark, partition.Watermark);
        }

        return new StageSnapshot
        {
            Models = _counts.Models(_partitions.Values.SelectMany(static partition => partition.Monitors)),
            DeadLetters = [.. _counts.DeadLetters],
            Unusable = _counts.First.Unusable,
            PanesClosed = [.. Enum.GetValues<PaneEnd>().Select(end => new NamedCount(end.ToString().ToLowerInvariant(), _counts.PanesClosed[(int)end]))],
            Occurrences =
            [
                new("clamped_times", _counts.ClampedTimes), new("without_key", _counts.WithoutKey), new("over_model_limit", _counts.OverModelLimit),
                new("models_evicted", _counts.ModelsEvicted), new("detectors_restarted", _counts.DetectorsRestarted),
            ],
            Labels = _counts.Labels(_partitions.Values),
            OpenPredictions = _partitions.Values.Sum(static partition => partition.Labels.Open),
            WaitingLabels = _partitions.Values.Sum(static partition => partition.Labels.Waiting),
            JoinBytes = _partitions.Values.Sum(static partition => partition.Labels.Bytes),
            StreamsHeld = _partitions.Values.Sum(static partition => partition.Monitors.Sum(static monitor => (long)monitor.StreamsHeld)),
            TextStreamsHeld = _partitions.Values.Sum(static partition => partition.Monitors.Sum(static monitor => (long)monitor.TextStreamsHeld)),
            Watermark = watermark == long.MinValue ? null : watermark,
        };
    }

    private static EventDecoder DecoderOf(MonitoringOptions options)
    {
        options.Sensitive.Check(options.Profile);
        return new(options.Mapping, options.MaxRecordBytes, options.Sensitive);
    }

    /// <summary>Commands keep nothing but how far they were passed on: there is no memory of their partitions.</summary>
    private PartitionDetect? Of(string topic, int partition) => topic == commandsTopic ? null : _partitions[(topic, partition)];

    private void Forward(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output)
    {
        var forwarder = new CommandForwarder(options, _counts);
        var forwarded = _forwarded.GetValueOrDefault(partition);
        foreach (ref readonly var record in records)
        {
            if (record.Offset >= forwarded)
            {
                forwarder.Process(topic, partition, record, output);
            }
        }
    }
}
