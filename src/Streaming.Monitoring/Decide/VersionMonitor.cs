using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One model version over all partitions: adds panes into rounds and keeps the windows of its streams.</summary>
internal sealed class VersionMonitor(string version, MonitoringOptions options, DecideCounts counts)
{
    private const long LiveMilliseconds = 180_000;

    // Rounds of fewer events would hide from the long-run variance how long errors and inputs stick together. And a pane that a partition's own alarm
    // closed early must not end a round: judged just where it looks worst, a quiet stream gave a false trigger every 12·10⁶ events.
    private const long FewestRoundEvents = 256;
    private const long SegmentEvents = 128;

    private readonly List<InputPartition> _partitions = [];
    private readonly List<ModelStream> _streams = [];
    private readonly Queue<(long Segment, long Events, long Rounds)> _segments = new();
    private readonly List<OffsetSpan> _roundSpans = [];
    private VersionStanding? _standing;
    private VersionPerformance? _performanceStanding;
    private long _roundEvents;
    private long _roundFirstTime = long.MaxValue;
    private long _segment;
    private long _segmentEvents;
    private long _segmentRounds;
    private long _windowEvents;
    private long _windowRounds;

    public string Version => version;

    /// <summary>Where its streams stand after the newest round; made anew only when a round has closed or a stream was added.</summary>
    public VersionStanding Standing(string model) => _standing ??= VersionStanding.Of(model, this, options.MaxModelSeries);

    /// <summary>Labels against predictions, as of the newest round; null before the first.</summary>
    public VersionPerformance? PerformanceStanding(string model) =>
        Rounds == 0 ? null : _performanceStanding ??= Monitoring.PerformanceStanding.Of(model, this);

    public IReadOnlyList<ModelStream> Streams => _streams;

    public RoundHistory History { get; } = new();

    public ModelPerformance Performance { get; } = new(options.LearnFor);

    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Least event time of its panes: when the version began to serve.</summary>
    public long Since { get; private set; } = long.MaxValue;

    public long Labels { get; private set; }

    public long Events { get; private set; }

    /// <summary>Events judged wrong, as panes tell.</summary>
    public long Errors { get; private set; }

    /// <summary>Rounds closed so far.</summary>
    public long Rounds { get; private set; }

    /// <summary>Features that are watched.</summary>
    public int Features { get; private set; }

    /// <summary>Streams that count categories.</summary>
    public int TextStreams { get; private set; }

    /// <summary>Takes a pane; null where it had been taken before, else whether it closed a round.</summary>
    public bool? Take(Pane pane, long recordTime, long now, bool replayed)
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

        (Watermark, Since) = (Math.Max(Watermark, pane.Watermark), Math.Min(Since, pane.FirstTime));
        Labels += pane.Labels;
        Events += pane.Events;
        _roundEvents += pane.Events;
        _roundFirstTime = Math.Min(_roundFirstTime, pane.FirstTime);
        OffsetSpan.Extend(_roundSpans, pane.Spans);
        Performance.Take(pane);
        foreach (var stream in pane.Streams)
        {
            StreamOf(stream, replayed)?.Take(partition.Index, stream);
            Errors += stream.Kind == StreamKind.Error ? (long)Math.Round(stream.Mean * stream.Count) : 0;
        }

        if (_roundEvents < FewestRoundEvents || _partitions.Exists(other => !other.InRound && other.LastRecordTime > now - LiveMilliseconds))
        {
            return false;
        }

        CloseRound(replayed);
        return true;
    }

    /// <summary>Takes what comes from now on as normal.</summary>
    public void Relearn()
    {
        Performance.Relearn();
        foreach (var stream in _streams)
        {
            stream.Relearn(Watermark);
        }
    }

    /// <summary>Partitions whose own detector alarmed within the newest rounds.</summary>
    public IReadOnlyList<SignalSource> Where(long rounds) =>
    [
        .. _partitions.Where(partition => partition.Level >= DriftLevel.Warning && partition.LevelRound >= Rounds - rounds)
            .Select(static partition => new SignalSource(partition.Topic, partition.Partition, partition.Level)),
    ];

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Watermark);
        writer.Write(Since);
        foreach (var count in (ReadOnlySpan<long>)
            [Events, Labels, Errors, Rounds, _roundEvents, _segment, _segmentEvents, _segmentRounds, _windowEvents, _windowRounds])
        {
            writer.Count(count);
        }

        writer.Write(_roundFirstTime);
        new SpanTable().Save(ref writer, _roundSpans);
        writer.Count(_segments.Count);
        foreach (var (segment, events, rounds) in _segments)
        {
            writer.Count(segment);
            writer.Count(events);
            writer.Count(rounds);
        }

        writer.Count(_partitions.Count);
        foreach (var partition in _partitions)
        {
            partition.Save(ref writer);
        }

        History.Save(ref writer);
        Performance.Save(ref writer);
        writer.Count(_streams.Count);
        foreach (var stream in _streams)
        {
            writer.Write(stream.Name);
            writer.Write((byte)stream.Kind);
            stream.Save(ref writer);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote into a new monitor; returns how many detectors begin anew because their options changed.</summary>
    public int Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Watermark, Since) = (reader.Int64(), reader.Int64());
        (Events, Labels, Errors, Rounds, _roundEvents) = (reader.Count(), reader.Count(), reader.Count(), reader.Count(), reader.Count());
        (_segment, _segmentEvents, _segmentRounds) = (reader.Count(), reader.Count(), reader.Count());
        (_windowEvents, _windowRounds, _roundFirstTime) = (reader.Count(), reader.Count(), reader.Int64());
        _roundSpans.AddRange(new SpanTable().Load(ref reader));
        for (var left = reader.Length(3); left > 0; left--)
        {
            _segments.Enqueue((reader.Count(), reader.Count(), reader.Count()));
        }

        for (var left = reader.Length(27); left > 0; left--)
        {
            _partitions.Add(InputPartition.Load(ref reader, _partitions.Count));
        }

        History.Load(ref reader);
        Performance.Load(ref reader);
        var restarted = 0;
        for (var left = reader.Length(5); left > 0; left--)
        {
            restarted += Add(reader.Text(), (StreamKind)reader.Byte((byte)StreamKind.Share)).Load(ref reader);
        }

        return restarted;
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

    private ModelStream? StreamOf(StreamPane pane, bool replayed)
    {
        var stream = _streams.Find(known => known.Name == pane.Name);
        if (stream is null)
        {
            stream = Add(pane.Name, pane.Kind);
        }

        if (stream.Kind == pane.Kind)
        {
            return stream;
        }

        counts.KindConflicts += replayed ? 0 : 1;
        return null;
    }

    private ModelStream Add(string name, StreamKind kind)
    {
        var stream = new ModelStream(name, kind, options);
        _streams.Add(stream);
        _standing = null;
        TextStreams += kind == StreamKind.Categorical ? 1 : 0;
        Features += name.StartsWith("feature:", StringComparison.Ordinal) ? 1 : 0;
        return stream;
    }

    private void CloseRound(bool replayed)
    {
        Rounds++;
        (_standing, _performanceStanding) = (null, null);
        History.Add(_roundSpans, _roundFirstTime);
        Performance.CloseRound();
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
        var closed = new ClosedRound(_segment, first, _windowRounds, Watermark, options.LearnFor, replayed);
        foreach (var stream in _streams)
        {
            stream.CloseRound(closed);
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
}
