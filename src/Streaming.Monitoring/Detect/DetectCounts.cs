namespace Streaming.Monitoring;

/// <summary>What DETECT counted since the process started.</summary>
internal sealed class DetectCounts
{
    private readonly Dictionary<(string Topic, RejectReason Reason), long> _rejected = [];
    private readonly Dictionary<(string Model, string Version), ModelCounts> _gone = [];

    private LabelCounts _goneLabels;

    public long ClampedTimes { get; set; }

    public long WithoutKey { get; set; }

    public long OverModelLimit { get; set; }

    public long DetectorsRestarted { get; set; }

    public long ModelsEvicted { get; set; }

    /// <summary>Whether the first records of a topic can be used at all.</summary>
    public FirstRecords First { get; } = new();

    public long[] PanesClosed { get; } = new long[Enum.GetValues<PaneEnd>().Length];

    public IEnumerable<DeadLetterCount> DeadLetters =>
        _rejected.Select(entry => new DeadLetterCount(entry.Key.Topic, entry.Key.Reason.Text(), entry.Value));

    public void Reject(string topic, RejectReason reason) =>
        _rejected[(topic, reason)] = _rejected.GetValueOrDefault((topic, reason)) + 1;

    /// <summary>Keeps the counts of a monitor that goes.</summary>
    public void Keep(PartitionMonitor monitor) => Add(_gone, monitor);

    /// <summary>Keeps the counts of labels of a partition that goes.</summary>
    public void Keep(PartitionLabels labels) => _goneLabels += labels.Counted;

    /// <summary>Counts of labels: of partitions that went and of these.</summary>
    public LabelCounts Labels(IEnumerable<PartitionDetect> partitions) =>
        partitions.Aggregate(_goneLabels, static (sum, partition) => sum + partition.Labels.Counted);

    /// <summary>Counts per model version: of monitors that went and of these.</summary>
    public IReadOnlyList<ModelCounts> Models(IEnumerable<PartitionMonitor> monitors)
    {
        var counts = new Dictionary<(string, string), ModelCounts>(_gone);
        foreach (var monitor in monitors)
        {
            Add(counts, monitor);
        }

        return [.. counts.Values];
    }

    private static void Add(Dictionary<(string Model, string Version), ModelCounts> counts, PartitionMonitor monitor)
    {
        var key = (monitor.Model, monitor.Version);
        var (before, more) = (counts.GetValueOrDefault(key), monitor.Counted);
        counts[key] = new ModelCounts(
            monitor.Model, monitor.Version, before.Events + more.Events, before.Labels + more.Labels, before.Errors + more.Errors);
    }
}
