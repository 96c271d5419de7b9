namespace Streaming.Monitoring;

/// <summary>DETECT: events of each partition in, panes and dead letters out.</summary>
public sealed class DetectStage(MonitoringOptions options) : IStage
{
    private readonly EventDecoder _decoder = new(options.Mapping, options.MaxRecordBytes);
    private readonly Dictionary<(string Topic, int Partition), PartitionDetect> _partitions = [];
    private readonly Dictionary<(string Model, string Version), ModelCounts> _revoked = [];
    private readonly DetectCounts _counts = new();

    /// <inheritdoc/>
    public void Assign(string topic, int partition) =>
        _partitions[(topic, partition)] = new PartitionDetect(options, _decoder, topic, partition);

    /// <inheritdoc/>
    public void Revoke(string topic, int partition)
    {
        if (_partitions.Remove((topic, partition), out var gone))
        {
            AddCounts(gone, _revoked);
        }
    }

    /// <inheritdoc/>
    public void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output)
    {
        var detect = _partitions[(topic, partition)];
        foreach (ref readonly var record in records)
        {
            detect.Process(record, output, _counts);
        }
    }

    /// <inheritdoc/>
    public void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason)
    {
        var end = reason switch { FlushReason.Idle => PaneEnd.Idle, FlushReason.End => PaneEnd.End, _ => PaneEnd.Stop };
        _partitions[(topic, partition)].Close(end, output, _counts);
    }

    /// <inheritdoc/>
    public StageSnapshot Snapshot()
    {
        var models = new Dictionary<(string, string), ModelCounts>(_revoked);
        var watermark = long.MinValue;
        foreach (var partition in _partitions.Values)
        {
            AddCounts(partition, models);
            watermark = Math.Max(watermark, partition.Watermark);
        }

        return new StageSnapshot
        {
            Models = [.. models.Values],
            DeadLetters = [.. _counts.DeadLetters],
            PanesClosed = [.. Enum.GetValues<PaneEnd>().Select(end => new NamedCount(end.ToString().ToLowerInvariant(), _counts.PanesClosed[(int)end]))],
            Occurrences =
            [
                new("clamped_times", _counts.ClampedTimes), new("without_key", _counts.WithoutKey), new("over_model_limit", _counts.OverModelLimit),
            ],
            Watermark = watermark == long.MinValue ? null : watermark,
        };
    }

    private static void AddCounts(PartitionDetect partition, Dictionary<(string Model, string Version), ModelCounts> counts)
    {
        foreach (var monitor in partition.Monitors)
        {
            var key = (monitor.Model, monitor.Version);
            var before = counts.GetValueOrDefault(key);
            counts[key] = new ModelCounts(
                monitor.Model, monitor.Version, before.Events + monitor.Events, before.Labels + monitor.Labels, before.Errors + monitor.Errors);
        }
    }
}
