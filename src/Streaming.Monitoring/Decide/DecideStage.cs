namespace Streaming.Monitoring;

/// <summary>DECIDE: panes in, signals and triggers out.</summary>
/// <remarks>A function of each panes partition's log, record timestamps included, and of nothing else.</remarks>
public sealed class DecideStage(MonitoringOptions options) : IStage
{
    private readonly Dictionary<(string Topic, int Partition), PartitionDecide> _partitions = [];
    private readonly DecideCounts _counts = new();
    private readonly string _configHash = ConfigurationHash.Of(options);

    /// <inheritdoc/>
    public void Assign(string topic, int partition) => _partitions[(topic, partition)] = new PartitionDecide();

    /// <inheritdoc/>
    public void Revoke(string topic, int partition)
    {
        if (_partitions.Remove((topic, partition), out var gone))
        {
            foreach (var model in gone.Models.Values)
            {
                model.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output)
    {
        var decide = _partitions[(topic, partition)];
        foreach (ref readonly var record in records)
        {
            decide.Now = Math.Max(decide.Now, record.Timestamp);
            if (Read(record) is { } pane)
            {
                ModelOf(decide, pane.Model).Take(pane, partition, record.Offset, record.Timestamp, decide.Now, output);
                continue;
            }

            _counts.Reject(topic, RejectReason.BadPane);
            output.Add(DeadLetter.Of(topic, partition, record, RejectReason.BadPane, "", options.MaxRecordBytes));
        }
    }

    /// <summary>Does nothing: a round that is open stays open.</summary>
    public void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason)
    {
    }

    /// <inheritdoc/>
    public StageSnapshot Snapshot()
    {
        var (standings, conflicts) = (new List<StreamStanding>(), 0L);
        foreach (var model in _partitions.Values.SelectMany(static partition => partition.Models.Values))
        {
            foreach (var version in model.Versions)
            {
                conflicts += version.KindConflicts;
                foreach (var stream in version.Streams)
                {
                    for (var i = 0; i < stream.Watches.Count; i++)
                    {
                        var (watch, evidence) = (stream.Watches[i], stream.Watches[i].Evidence);
                        standings.Add(new StreamStanding(
                            model.Model, version.Version, stream.Name, watch.Detector, stream.Published[i], watch.Estimate, evidence.Statistic,
                            evidence.Threshold, evidence.Count));
                    }
                }
            }
        }

        return _counts.Snapshot(standings, conflicts);
    }

    private static Pane? Read(in LogRecord record)
    {
        try
        {
            return record.Value is null ? null : PaneCodec.Decode(record.Value);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private ModelMonitor ModelOf(PartitionDecide decide, string model)
    {
        if (!decide.Models.TryGetValue(model, out var monitor))
        {
            decide.Models[model] = monitor = new ModelMonitor(options, model, _configHash, _counts);
        }

        return monitor;
    }

    private sealed class PartitionDecide
    {
        public Dictionary<string, ModelMonitor> Models { get; } = new(StringComparer.Ordinal);

        public long Now { get; set; } = long.MinValue;
    }
}
