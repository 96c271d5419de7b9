using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One model version over all partitions: adds panes into rounds and keeps the windows of its streams.</summary>
internal sealed class VersionMonitor(string version, MonitoringOptions options)
{
    private const long LiveMilliseconds = 180_000;

    // Rounds of fewer events would hide from the long-run variance how long errors and inputs stick together.
    private const long FewestRoundEvents = 128;
    private const long SegmentEvents = 128;

    private readonly List<InputPartition> _partitions = [];
    private readonly List<ModelStream> _streams = [];
    private readonly Queue<(long Segment, long Events, long Rounds)> _segments = new();
    private readonly List<OffsetSpan> _roundSpans = [];
    private long _roundEvents;
    private long _roundFirstTime = long.MaxValue;
    private long _segment;
    private long _segmentEvents;
    private long _segmentRounds;
    private long _windowEvents;
    private long _windowRounds;

    public string Version => version;

    public IReadOnlyList<ModelStream> Streams => _streams;

    public RoundHistory History { get; } = new();

    public long Watermark { get; private set; } = long.MinValue;

    public long Labels { get; private set; }

    /// <summary>Rounds closed so far.</summary>
    public long Rounds { get; private set; }

    /// <summary>Features that are watched.</summary>
    public int Features { get; private set; }

    /// <summary>Streams that arrived as another kind than before, and were left out.</summary>
    public long KindConflicts { get; private set; }

    /// <summary>Takes a pane; null where it had been taken before, else whether it closed a round.</summary>
    public bool? Take(Pane pane, long recordTime, long now)
    {
        var partition = PartitionOf(pane.Spans[0]);
        if (!partition.Advance(pane))
        {
            return null;
        }

        (partition.LastRecordTime, partition.InRound) = (recordTime, true);
        if (pane.Levels.Count > 0)
        {
            (partition.Level, partition.LevelRound) = (pane.Levels[^1].Level, Rounds);
        }

        Watermark = Math.Max(Watermark, pane.Watermark);
        Labels += pane.Labels;
        _roundEvents += pane.Events;
        _roundFirstTime = Math.Min(_roundFirstTime, pane.FirstTime);
        Extend(_roundSpans, pane.Spans);
        foreach (var stream in pane.Streams)
        {
            StreamOf(stream)?.Take(partition.Index, stream);
        }

        if (_roundEvents < FewestRoundEvents || _partitions.Exists(other => !other.InRound && other.LastRecordTime > now - LiveMilliseconds))
        {
            return false;
        }

        CloseRound();
        return true;
    }

    /// <summary>Partitions whose own detector alarmed within the newest rounds.</summary>
    public IReadOnlyList<SignalSource> Where(long rounds) =>
    [
        .. _partitions.Where(partition => partition.Level >= DriftLevel.Warning && partition.LevelRound >= Rounds - rounds)
            .Select(static partition => new SignalSource(partition.Topic, partition.Partition, partition.Level)),
    ];

    private static void Extend(List<OffsetSpan> spans, IReadOnlyList<OffsetSpan> newer)
    {
        foreach (var span in newer)
        {
            var at = spans.FindIndex(known => known.Partition == span.Partition && known.Topic == span.Topic);
            if (at < 0)
            {
                spans.Add(span);
            }
            else
            {
                spans[at] = spans[at] with { ToOffset = span.ToOffset };
            }
        }
    }

    private InputPartition PartitionOf(OffsetSpan span)
    {
        var known = _partitions.Find(partition => partition.Partition == span.Partition && partition.Topic == span.Topic);
        if (known is null)
        {
            known = new InputPartition(span.Topic, span.Partition, _partitions.Count);
            _partitions.Add(known);
        }

        return known;
    }

    private ModelStream? StreamOf(StreamPane pane)
    {
        var stream = _streams.Find(known => known.Name == pane.Name);
        if (stream is null)
        {
            stream = new ModelStream(pane.Name, pane.Kind, options);
            _streams.Add(stream);
            Features += pane.Name.StartsWith("feature:", StringComparison.Ordinal) ? 1 : 0;
        }

        if (stream.Kind == pane.Kind)
        {
            return stream;
        }

        KindConflicts++;
        return null;
    }

    private void CloseRound()
    {
        Rounds++;
        History.Add(_roundSpans, _roundFirstTime);
        _segmentEvents += _roundEvents;
        _segmentRounds++;
        _windowEvents += _roundEvents;
        _windowRounds++;
        while (_segments.TryPeek(out var oldest) && _windowEvents - oldest.Events >= DistanceWatch.FewestValues)
        {
            _segments.Dequeue();
            _windowEvents -= oldest.Events;
            _windowRounds -= oldest.Rounds;
        }

        var first = _segments.TryPeek(out var kept) ? kept.Segment : _segment;
        foreach (var stream in _streams)
        {
            stream.CloseRound(_segment, first, _windowRounds);
        }

        if (_segmentEvents >= SegmentEvents)
        {
            _segments.Enqueue((_segment++, _segmentEvents, _segmentRounds));
            (_segmentEvents, _segmentRounds) = (0, 0);
        }

        foreach (var partition in _partitions)
        {
            partition.InRound = false;
        }

        _roundSpans.Clear();
        (_roundEvents, _roundFirstTime) = (0, long.MaxValue);
    }

    /// <summary>One partition of the predictions, as its panes tell of it.</summary>
    private sealed class InputPartition(string topic, int partition, int index)
    {
        private readonly Dictionary<(string Topic, int Partition), long> _ends = [];

        public string Topic => topic;

        public int Partition => partition;

        public int Index => index;

        public long LastRecordTime { get; set; }

        public bool InRound { get; set; }

        public DriftLevel Level { get; set; }

        public long LevelRound { get; set; }

        /// <summary>Whether the pane lies beyond the last one taken; if so it is the last one now.</summary>
        public bool Advance(Pane pane)
        {
            foreach (var span in pane.Spans)
            {
                if (_ends.TryGetValue((span.Topic, span.Partition), out var end) && span.ToOffset <= end)
                {
                    return false;
                }
            }

            foreach (var span in pane.Spans)
            {
                _ends[(span.Topic, span.Partition)] = span.ToOffset;
            }

            return true;
        }
    }
}
