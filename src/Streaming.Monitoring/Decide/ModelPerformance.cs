using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Performance of one model version over all partitions: since it began, in its reference period, and in its newest labels.</summary>
/// <remarks>The newest labels lie in segments, kept as bytes, since sums of numbers cannot be taken off again exactly.</remarks>
internal sealed class ModelPerformance(TimeSpan learnFor)
{
    /// <summary>Labels that the current window holds at least.</summary>
    public const long WindowLabels = 2_048;

    // what a change is judged by reaches back to the change, and further where that is only a few labels ago
    private const long FewestLabels = 256;
    private const long SegmentLabels = 128;

    private readonly Queue<Segment> _segments = new();
    private PerformanceSums? _open;
    private PerformanceSums? _learning;
    private Segment _openSegment;
    private long _firstTime = long.MaxValue;
    private long _windowLabels;
    private PerformanceSums? _current;

    private readonly record struct Segment(byte[] Sums, long Labels, long Events, long Rounds);

    /// <summary>Since the version began; null before the first label.</summary>
    public PerformanceSums? Cumulative { get; private set; }

    /// <summary>The reference period, once it is complete.</summary>
    public PerformanceSums? Reference { get; private set; }

    /// <summary>Labels per event of the current window.</summary>
    public double Coverage
    {
        get
        {
            var events = _openSegment.Events + _segments.Sum(static segment => segment.Events);
            return events > 0 ? (double)(Open + _segments.Sum(static segment => segment.Labels)) / events : 0;
        }
    }

    private long Open => _open?.Count ?? 0;

    public void Take(Pane pane)
    {
        _current = null;
        _firstTime = Math.Min(_firstTime, pane.FirstTime);
        _openSegment = _openSegment with { Events = _openSegment.Events + pane.Events };
        if (pane.Performance is not { } sums)
        {
            return;
        }

        if (Cumulative is null || Cumulative.Task != sums.Task)
        {
            Begin(sums.Task);
        }

        _open!.Add(sums);
        Cumulative!.Add(sums);
        if (_learning is { } learning)
        {
            learning.Add(sums);
            if (LearningRule.Complete(learning.Distances?.Ranked ?? learning.Count, pane.Watermark - _firstTime, learnFor))
            {
                (Reference, _learning) = (learning, null);
            }
        }
    }

    /// <summary>Takes what comes from now on as the reference period; what was before stays in the cumulative sums alone.</summary>
    public void Relearn()
    {
        (_openSegment, _firstTime, _current) = (default, long.MaxValue, null);
        if (Cumulative is not { } cumulative)
        {
            return;
        }

        Begin(cumulative.Task);
        Cumulative = cumulative;
    }

    /// <summary>Closes the round; segments enter and leave the window whole.</summary>
    public void CloseRound()
    {
        _openSegment = _openSegment with { Rounds = _openSegment.Rounds + 1 };
        if (_open is null || Open < SegmentLabels)
        {
            return;
        }

        _segments.Enqueue(_openSegment with { Sums = PerformanceCodec.Encode(_open), Labels = Open });
        _windowLabels += Open;
        (_open, _openSegment) = (new PerformanceSums(_open.Task), default);
        while (_windowLabels - _segments.Peek().Labels >= WindowLabels)
        {
            _windowLabels -= _segments.Dequeue().Labels;
        }
    }

    /// <summary>The newest labels: at least <see cref="WindowLabels"/> of them, where there are as many; null before the first.</summary>
    public PerformanceSums? Current() => _current ??= Sum(long.MaxValue);

    /// <summary>The labels since so many rounds, at most those of the current window.</summary>
    public PerformanceSums? Since(long rounds) => Sum(rounds);

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(_firstTime);
        foreach (var sums in (PerformanceSums?[])[_open, _learning, Cumulative, Reference])
        {
            writer.Part(sums is null ? [] : PerformanceCodec.Encode(sums));
        }

        writer.Count(_openSegment.Events);
        writer.Count(_openSegment.Rounds);
        writer.Count(_segments.Count);
        foreach (var segment in _segments)
        {
            writer.Part(segment.Sums);
            writer.Count(segment.Labels);
            writer.Count(segment.Events);
            writer.Count(segment.Rounds);
        }
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        _firstTime = reader.Int64();
        (_open, _learning, Cumulative, Reference) = (LoadSums(ref reader), LoadSums(ref reader), LoadSums(ref reader), LoadSums(ref reader));
        _openSegment = new Segment([], 0, reader.Count(), reader.Count());
        for (var left = reader.Length(4); left > 0; left--)
        {
            var segment = new Segment(reader.PartBytes().ToArray(), reader.Count(), reader.Count(), reader.Count());
            _segments.Enqueue(segment);
            _windowLabels += segment.Labels;
        }
    }

    private static PerformanceSums? LoadSums(ref StateReader reader)
    {
        var bytes = reader.PartBytes();
        return bytes.IsEmpty ? null : PerformanceCodec.Decode(bytes);
    }

    private void Begin(ModelTask task)
    {
        (_open, _learning, Cumulative) = (new PerformanceSums(task), new PerformanceSums(task), new PerformanceSums(task));
        Reference = null;
        _segments.Clear();
        _windowLabels = 0;
    }

    private PerformanceSums? Sum(long rounds)
    {
        if (_open is null)
        {
            return null;
        }

        var sums = new PerformanceSums(_open.Task);
        var (skip, covered, labels) = (_segments.Count, _openSegment.Rounds, Open);
        foreach (var segment in _segments.Reverse())
        {
            if (covered >= rounds && labels >= FewestLabels)
            {
                break;
            }

            (skip, covered, labels) = (skip - 1, covered + segment.Rounds, labels + segment.Labels);
        }

        foreach (var segment in _segments.Skip(skip))
        {
            sums.Add(PerformanceCodec.Decode(segment.Sums));
        }

        sums.Add(_open);
        return sums;
    }
}
