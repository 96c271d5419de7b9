namespace Streaming.Monitoring;

/// <summary>One of the two inputs of a partition.</summary>
public enum InputSide : byte
{
    /// <summary>The predictions topic.</summary>
    Predictions,

    /// <summary>The labels topic.</summary>
    Labels,
}

/// <summary>What waits of one input.</summary>
/// <param name="records">The oldest first.</param>
/// <param name="atEnd">There was nothing more in the log when it was last asked.</param>
/// <param name="isSilent">Nothing has come for so long that it is not waited for.</param>
public readonly ref struct InputHead(ReadOnlySpan<LogRecord> records, bool atEnd, bool isSilent = false)
{
    /// <summary>The oldest first.</summary>
    public ReadOnlySpan<LogRecord> Records { get; } = records;

    /// <summary>There was nothing more in the log when it was last asked.</summary>
    public bool AtEnd { get; } = atEnd;

    /// <summary>Whether the other input need not wait for it.</summary>
    public bool IsOver => Records.Length == 0 && (AtEnd || _isSilent);

    private readonly bool _isSilent = isSilent;
}

/// <summary>In which order the records of a predictions and a labels partition are taken.</summary>
/// <remarks>
/// The key of a record is its Kafka timestamp, or the largest before it in its log. The smaller key comes first, a prediction on a tie. Where only one
/// input has records, they are taken once the other is at its end, or silent. A replay follows what was recorded, and no rule.
/// </remarks>
public sealed class MergeOrder
{
    private readonly TakenOrder _taken;
    private readonly Queue<(InputSide Side, long Until)> _recorded = new();
    private readonly long[] _keys;
    private LogOffsets _replayUntil;

    /// <summary>Begins at these offsets.</summary>
    /// <param name="from">Next offset of each.</param>
    /// <param name="predictionsKey">Largest Kafka timestamp of the predictions so far; <see cref="long.MinValue"/> at the beginning.</param>
    /// <param name="labelsKey">The same of the labels.</param>
    public MergeOrder(LogOffsets from, long predictionsKey = long.MinValue, long labelsKey = long.MinValue) =>
        (_taken, _keys) = (new TakenOrder(from), [predictionsKey, labelsKey]);

    /// <summary>How far both have come.</summary>
    public LogOffsets At => _taken.Next;

    /// <summary>What was taken, as it is recorded.</summary>
    public TakenOrder Taken => _taken;

    /// <summary>Records taken after a record of the other input that the rule puts later.</summary>
    public long Unordered { get; private set; }

    /// <summary>Largest Kafka timestamp taken of an input.</summary>
    public long KeyOf(InputSide side) => _keys[(int)side];

    /// <summary>Follows the recorded order up to these offsets, then the rule: no new record of one input comes before the other is replayed, or has ended.</summary>
    public void BeginReplay(LogOffsets until)
    {
        _replayUntil = until;
        foreach (var (side, end) in _taken.Recorded())
        {
            // where an input begins elsewhere than it was left, what was recorded of it is no order of its new records
            _recorded.Enqueue((side, Math.Min(end, side == InputSide.Predictions ? until.Predictions : until.Labels)));
        }
    }

    /// <summary>Which input is next, and how many of its records; null where it is to be waited.</summary>
    public (InputSide Side, int Count)? Next(InputHead predictions, InputHead labels, int most)
    {
        while (_recorded.TryPeek(out var run))
        {
            var head = run.Side == InputSide.Predictions ? predictions : labels;
            if (Before(run.Until, head.Records, most) is var count and > 0)
            {
                return (run.Side, count);
            }

            // the rest of the run is no longer in the log, or lies before the offset at which reading began
            if (head.Records.Length == 0 && !head.AtEnd && _taken.NextOf(run.Side) < run.Until)
            {
                return null;
            }

            _recorded.Dequeue();
        }

        return IsBehind(InputSide.Predictions, predictions, out var until) ? Unrecorded(InputSide.Predictions, predictions, until, most)
            : IsBehind(InputSide.Labels, labels, out until) ? Unrecorded(InputSide.Labels, labels, until, most)
            : ByRule(predictions, labels, most);
    }

    /// <summary>Notes that these records of an input are taken.</summary>
    public void Take(InputSide side, ReadOnlySpan<LogRecord> records)
    {
        var isReplay = records[^1].Offset < (side == InputSide.Predictions ? _replayUntil.Predictions : _replayUntil.Labels);
        ref var key = ref _keys[(int)side];
        var other = _keys[1 - (int)side];
        foreach (ref readonly var record in records)
        {
            key = Math.Max(key, record.Timestamp);
            Unordered += !isReplay && other != long.MinValue && (side == InputSide.Predictions ? key <= other : key < other) ? 1 : 0;
        }

        _taken.Take(side, records[^1].Offset + 1, isRecorded: isReplay);
    }

    /// <summary>Whether an input has records that were processed before, though it is not known in which order: no labels topic was read then.</summary>
    private bool IsBehind(InputSide side, InputHead head, out long until)
    {
        until = side == InputSide.Predictions ? _replayUntil.Predictions : _replayUntil.Labels;
        return _taken.NextOf(side) < until && (head.Records.Length == 0 ? !head.AtEnd : head.Records[0].Offset < until);
    }

    private static (InputSide Side, int Count)? Unrecorded(InputSide side, InputHead head, long until, int most) =>
        Before(until, head.Records, most) is var count and > 0 ? (side, count) : null;

    private (InputSide Side, int Count)? ByRule(InputHead predictions, InputHead labels, int most)
    {
        var p = predictions.Records;
        var l = labels.Records;
        if (p.Length > 0 && l.Length > 0)
        {
            var (predictionKey, labelKey) = (Math.Max(_keys[0], p[0].Timestamp), Math.Max(_keys[1], l[0].Timestamp));
            return predictionKey <= labelKey
                ? (InputSide.Predictions, UpTo(labelKey, predictionKey, p, most)) : (InputSide.Labels, UpTo(predictionKey - 1, labelKey, l, most));
        }

        return p.Length > 0 && labels.IsOver ? (InputSide.Predictions, Math.Min(most, p.Length))
            : l.Length > 0 && predictions.IsOver ? (InputSide.Labels, Math.Min(most, l.Length))
            : null;
    }

    private static int UpTo(long last, long key, ReadOnlySpan<LogRecord> records, int most)
    {
        var count = 1;
        while (count < records.Length && count < most && (key = Math.Max(key, records[count].Timestamp)) <= last)
        {
            count++;
        }

        return count;
    }

    private static int Before(long offset, ReadOnlySpan<LogRecord> records, int most)
    {
        var count = 0;
        while (count < records.Length && count < most && records[count].Offset < offset)
        {
            count++;
        }

        return count;
    }
}
