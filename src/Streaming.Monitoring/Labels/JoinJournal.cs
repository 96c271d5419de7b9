using System.Buffers;
using System.Globalization;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Something that the join took: a prediction, or a label.</summary>
internal readonly record struct JoinItem(
    bool IsLabel, bool IsKnown, bool Waits, long Offset, ulong Hash, long Time, string Model, string Version, ulong Own, ulong Met, byte[] Value);

/// <summary>What the join took, written as it goes: a segment with each commit, small ones folded into larger, each forgotten once nothing of it is kept.</summary>
/// <remarks>
/// The join is never written as a whole. A restart gives it all that was taken before the offsets at which the replay begins; what was taken after
/// them waits until the replay comes to the record that it came from, or to a later one where that record is no longer in its log or is read in
/// another way now. So no open prediction hangs on a record that is gone.
/// </remarks>
internal sealed class JoinJournal(MonitoredPartition predictions, LabelJoin join)
{
    /// <summary>Offset of a label of another labels topic.</summary>
    public const long NoOffset = -1;

    private const int FoldBytes = 64 << 10;

    private readonly List<(long Number, byte[] Value)> _loaded = [];
    private readonly Queue<JoinItem> _ahead = new();
    private readonly Queue<long>[] _aheadOf = [new(), new()];
    private readonly Queue<Segment> _segments = new();
    private readonly List<(Segment Segment, byte[] Blocks)> _tail = [];
    private readonly Queue<(long Sum, long Open, long Waiting)> _marks = new();
    private readonly ArrayBufferWriter<byte> _items = new(1_024);
    private readonly Dictionary<int, int> _names = [];
    private Guid _labelsId;
    private LogOffsets _start;
    private long _number;
    private long _open;
    private long _waiting;
    private long _labelsWatermark;
    private long _predictionsWatermark;
    private int _count;
    private int _tailBytes;
    private (long Prediction, long Label, long Time) _last;

    /// <summary>What had been counted when the newest segment was written.</summary>
    public LabelCounts Counted { get; private set; }

    /// <summary>Takes a segment that was written before.</summary>
    public void Load(ReadOnlySpan<byte> value) => _loaded.Add((SegmentReader.NumberOf(value), value.ToArray()));

    /// <summary>Gives the join what was taken before these offsets.</summary>
    public void Begin(LogOffsets from, Guid labelsId)
    {
        _labelsId = labelsId;

        // by number, not by offsets: those of a labels topic that was made anew begin at 0 again
        _loaded.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        for (var i = 0; i < _loaded.Count; i++)
        {
            var reader = new SegmentReader(_loaded[i].Value);
            if (i == 0)
            {
                join.BeginAt(reader.Open, reader.Waiting, reader.LabelsWatermark, reader.PredictionsWatermark);
            }

            while (reader.Read(out var item))
            {
                Take(item, from, reader.LabelsId == labelsId);
            }

            Counted = reader.Counts;
            _segments.Enqueue(new Segment(_loaded[i].Number, reader.OpenAfter, reader.WaitingAfter));
            _number = _loaded[i].Number + 1;
        }

        ReopenTail();
        _loaded.Clear();
        BeginBlock(from);
    }

    /// <summary>In a replay: what the join took before it took this record, from one that did not come again; to be called until there is none.</summary>
    public bool TryPass(bool isLabel, long offset, out JoinItem item)
    {
        var offsets = OffsetsAhead(isLabel);
        while (offsets.TryPeek(out var first) && first < offset)
        {
            offsets.Dequeue();
        }

        // of a record of which nothing was taken it is not known what was taken before it
        item = default;
        return offsets.TryPeek(out var next) && next == offset && !IsNext(isLabel, offset) && _ahead.TryDequeue(out item);
    }

    /// <summary>In a replay: what the join took when this record was first processed; false where it took nothing.</summary>
    public bool TryReplay(bool isLabel, long offset, out JoinItem item)
    {
        item = default;
        return IsNext(isLabel, offset) && _ahead.TryDequeue(out item);
    }

    /// <summary>At the end of a replay: what the join took from records that did not come again; to be called until there is none.</summary>
    public bool TryFinish(out JoinItem item) => _ahead.TryDequeue(out item);

    /// <summary>Gives an item to the join again; returns what is to be judged with it, if anything is.</summary>
    public JoinedLabel? Apply(in JoinItem item)
    {
        if (item.IsLabel)
        {
            return new JoinedLabel(item.Offset, item.Time, item.Value, join.TakeLabel(item.Hash, item.Time, item.Value, item.Waits));
        }

        var model = join.ModelOf(item.Model, item.Version);
        var label = join.TakePrediction(item.Hash, item.Time, model, item.Value, item.Own, item.Met, item.IsKnown);
        return label is null ? null : new JoinedLabel(-1, item.Time, label, [new JoinMatch(model, item.Time, item.Value)]);
    }

    /// <summary>The replay is over: what comes now is new.</summary>
    public void EndReplay(LogOffsets at)
    {
        Array.ForEach(_aheadOf, static offsets => offsets.Clear());
        join.CountFrom(Counted);
        BeginBlock(at);
    }

    /// <summary>Notes the prediction that the join has just taken.</summary>
    public void Prediction(long offset, ulong hash, long time, int model, ulong own, ulong met, ReadOnlySpan<byte> value)
    {
        var writer = new StateWriter(_items);
        writer.Write((byte)((own != 0 ? SegmentReader.HasOwn : 0) | (met != 0 ? SegmentReader.HasMet : 0) | (join.WasKnown ? SegmentReader.IsKnown : 0)));
        writer.Signed(offset - _last.Prediction);
        writer.Write(hash);
        writer.Signed(time - _last.Time);
        if (!_names.TryGetValue(model, out var number))
        {
            _names[model] = number = _names.Count;
            var (name, version) = join.NameOf(model);
            writer.Count(number);
            writer.Write(name);
            writer.Write(version);
        }
        else
        {
            writer.Count(number);
        }

        if (own != 0)
        {
            writer.Write(own);
        }

        if (met != 0)
        {
            writer.Write(met);
        }

        writer.Part(value);
        _last = (offset, _last.Label, time);
        _count++;
    }

    /// <summary>Notes the label that the join has just taken.</summary>
    public void Label(long offset, ulong hash, long time, ReadOnlySpan<byte> value)
    {
        var writer = new StateWriter(_items);
        writer.Write((byte)(SegmentReader.IsLabel | (join.HasWaited ? SegmentReader.Waits : 0)));
        writer.Signed(offset - _last.Label);
        writer.Write(hash);
        writer.Signed(time - _last.Time);
        writer.Part(value);
        _last = (_last.Prediction, offset, time);
        _count++;
    }

    /// <summary>Appends what was taken since the last time, and forgets segments of which nothing is kept.</summary>
    /// <param name="next">How far the merged order has come.</param>
    /// <param name="replayFrom">Sum of the offsets from which a restart would replay.</param>
    /// <param name="output">Takes the records.</param>
    public void Save(LogOffsets next, long replayFrom, List<OutputRecord> output)
    {
        if (_count > 0)
        {
            var block = Block();
            var segment = new Segment(_number++, join.Open.Next, join.Waiting.Next);
            _segments.Enqueue(segment);
            _tail.Add((segment, block));
            _tailBytes += block.Length;
            output.Add(Record(segment.Number, Value(segment.Number, [block])));
            Counted = join.Counts;
            if (_tailBytes >= FoldBytes)
            {
                Fold(output);
            }
        }

        BeginBlock(next);
        _marks.Enqueue((next.Sum, join.Open.First, join.Waiting.First));
        Forget(replayFrom, output);
    }

    private Queue<long> OffsetsAhead(bool isLabel) => _aheadOf[isLabel ? 1 : 0];

    private bool IsNext(bool isLabel, long offset) => _ahead.TryPeek(out var next) && next.IsLabel == isLabel && next.Offset == offset;

    /// <summary>Gives an item to the join, or keeps it for the replay of its record and of those after it.</summary>
    private void Take(in JoinItem item, LogOffsets from, bool isOfTheseLabels)
    {
        // records of another labels topic do not come again
        var comesAgain = item.IsLabel ? isOfTheseLabels && item.Offset >= from.Labels : item.Offset >= from.Predictions;
        if (_ahead.Count == 0 && !comesAgain)
        {
            Apply(item);
            return;
        }

        _ahead.Enqueue(item.IsLabel && !isOfTheseLabels ? item with { Offset = NoOffset } : item);
        if (comesAgain)
        {
            OffsetsAhead(item.IsLabel).Enqueue(item.Offset);
        }
    }

    private void BeginBlock(LogOffsets start)
    {
        _items.ResetWrittenCount();
        _names.Clear();
        (_start, _count, _last) = (start, 0, (start.Predictions, start.Labels, 0));
        (_open, _waiting) = (join.Open.Next, join.Waiting.Next);
        (_labelsWatermark, _predictionsWatermark) = (join.LabelsWatermark, join.PredictionsWatermark);
    }

    private byte[] Block()
    {
        var bytes = new ArrayBufferWriter<byte>(_items.WrittenCount + 160);
        var writer = new StateWriter(bytes);
        writer.Write(_start.Predictions);
        writer.Write(_start.Labels);
        writer.Count(_open);
        writer.Count(_waiting);
        writer.Write(_labelsWatermark);
        writer.Write(_predictionsWatermark);
        writer.Count(join.Open.Next);
        writer.Count(join.Waiting.Next);
        SegmentReader.Write(ref writer, join.Counts);
        writer.Count(_count);
        writer.Part(_items.WrittenSpan);
        var framed = new ArrayBufferWriter<byte>(bytes.WrittenCount + 5);
        var frame = new StateWriter(framed);
        frame.Part(bytes.WrittenSpan);
        return framed.WrittenSpan.ToArray();
    }

    private byte[] Value(long number, IEnumerable<byte[]> blocks)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        var writer = new StateWriter(bytes);
        SegmentReader.Begin(ref writer, _labelsId, number);
        foreach (var block in blocks)
        {
            bytes.Write(block);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>One segment in place of the small ones: it takes the key of the first.</summary>
    private void Fold(List<OutputRecord> output)
    {
        if (_tail.Count > 1)
        {
            FoldTail(output);
        }

        _tail.Clear();
        _tailBytes = 0;
    }

    private void FoldTail(List<OutputRecord> output)
    {
        var first = _tail[0].Segment;
        output.Add(Record(first.Number, Value(first.Number, _tail.Select(static small => small.Blocks))));
        output.AddRange(_tail.Skip(1).Select(small => Record(small.Segment.Number, null)));
        var whole = new List<Segment>(_segments.SkipLast(_tail.Count)) { _tail[^1].Segment with { Number = first.Number } };
        _segments.Clear();
        whole.ForEach(_segments.Enqueue);
    }

    /// <summary>Small segments at the end go on being folded after a restart.</summary>
    private void ReopenTail()
    {
        for (var i = _loaded.Count - 1; i >= 0; i--)
        {
            var value = _loaded[i].Value;
            if (_tailBytes + value.Length >= FoldBytes || new SegmentReader(value).LabelsId != _labelsId)
            {
                return;
            }

            _tail.Insert(0, (_segments.ElementAt(i), value[SegmentReader.HeaderBytes..]));
            _tailBytes += value.Length - SegmentReader.HeaderBytes;
        }
    }

    private void Forget(long replayFrom, List<OutputRecord> output)
    {
        while (_marks.Count > 1 && _marks.ElementAt(1).Sum <= replayFrom)
        {
            _marks.Dequeue();
        }

        if (_marks.Peek() is var mark && mark.Sum > replayFrom)
        {
            return;
        }

        // the newest stays, for it knows numbers, watermarks and counts
        while (_segments.Count > 1 && _segments.Peek() is var oldest && oldest.Open <= mark.Open && oldest.Waiting <= mark.Waiting)
        {
            _segments.Dequeue();
            _tail.RemoveAll(small => small.Segment.Number == oldest.Number);
            output.Add(Record(oldest.Number, null));
        }
    }

    private OutputRecord Record(long number, byte[]? value) => new(
        OutputTopic.State, (uint)predictions.Partition,
        new StateKey(predictions.TopicId, predictions.Partition, StateKind.Join, "", number.ToString(CultureInfo.InvariantCulture), 0).Encode(), value);

    /// <summary>A segment that is in the log: segments are numbered as they are written; the numbers of the entries after it.</summary>
    private readonly record struct Segment(long Number, long Open, long Waiting);
}
