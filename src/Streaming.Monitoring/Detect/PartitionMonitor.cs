using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The input partition that a monitor watches.</summary>
internal sealed record MonitoredPartition(string Topic, int Partition, Guid TopicId);

/// <summary>One model version on one partition: takes events a row at a time, gives panes.</summary>
/// <remarks>Rows are gathered into blocks that begin with the pane, so that sums do not depend on how the log was split into batches. All that it
/// gives is a function of its own events: nothing of the partition or of other monitors is read.</remarks>
internal sealed class PartitionMonitor : IKept
{
    private const int BlockRows = 256;
    private const int PaneEvents = 256;
    private const int LargestPane = 65_536;
    private const long PaneKafkaMilliseconds = 250;
    private const long PaneWatermarkMilliseconds = 5_000;
    private const byte CursorLayout = 1;

    private readonly MonitoredPartition _input;
    private readonly byte[] _modelKey;
    private readonly byte[] _monitorKey;
    private readonly byte[] _cursorKey;
    private readonly PartitionStreams _streams;
    private int _capacity = 16;
    private int _rows;
    private long _paneEvents;
    private long _paneLabels;
    private long _fromOffset;
    private long _kafkaTime = long.MinValue;
    private long _paneKafkaTime;
    private long _paneWatermark;
    private long _firstTime;
    private long _learningSince = long.MaxValue;

    public PartitionMonitor(MonitoringOptions options, MonitoredPartition input, string model, string version)
    {
        (_input, Model, Version) = (input, model, version);
        _modelKey = Encoding.UTF8.GetBytes(model);
        _monitorKey = new StateKey(input.TopicId, input.Partition, StateKind.Monitor, model, version, 0).Encode();
        _cursorKey = new StateKey(input.TopicId, input.Partition, StateKind.Cursor, model, version, 0).Encode();
        _streams = new PartitionStreams(options, _capacity);
    }

    public string Model { get; }

    public string Version { get; }

    public long Events { get; private set; }

    public long Labels { get; private set; }

    /// <summary>What this process took for the first time, replays left out.</summary>
    public ModelCounts Counted { get; private set; }

    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>First offset that it has not taken.</summary>
    public long Contained { get; private set; }

    /// <summary>End of the last pane that was written; no pane that ends before is written again.</summary>
    public long Cursor { get; set; }

    /// <inheritdoc/>
    public long FirstUnsaved { get; private set; } = long.MaxValue;

    /// <summary>Whether a detector began anew when state was loaded.</summary>
    public bool Restarted => _streams.Error.Restarted;

    /// <summary>Streams in memory.</summary>
    public int StreamsHeld => _streams.Count;

    /// <summary>Those of them that count categories.</summary>
    public int TextStreamsHeld => _streams.TextCount;

    /// <summary>Whether a pane is open.</summary>
    public bool IsOpen => _paneEvents > 0;

    /// <summary>First offset of the open pane.</summary>
    public long PaneFrom => _fromOffset;

    /// <summary>The field of an event that does not fit what came before; null where all fit.</summary>
    public string? Misfit(DecodedEvent decoded, ReadOnlySpan<byte> record) => _streams.Misfit(decoded, record);

    /// <summary>Takes one event; says what closes the open pane, if anything does.</summary>
    public PaneEnd? Observe(DecodedEvent decoded, ReadOnlySpan<byte> record, long kafkaTimestamp, in EventPlace place)
    {
        DropPaneBefore(place.Offset);
        Begin(place, kafkaTimestamp);
        var (labels, errors) = (Labels, _streams.Error.Errors);
        if (decoded.LabelKind != FieldKind.Absent)
        {
            _paneLabels++;
            Labels++;
        }

        var entered = _streams.Set(decoded, record, _rows, place);
        _rows++;
        _paneEvents++;
        Events++;
        if (!place.Replayed)
        {
            Counted = Counted with
            {
                Events = Counted.Events + 1,
                Labels = Counted.Labels + Labels - labels,
                Errors = Counted.Errors + _streams.Error.Errors - errors,
            };
        }

        if (_rows == BlockRows)
        {
            Reduce();
        }

        return entered ? PaneEnd.Level
            : _paneEvents >= LargestPane || (_paneEvents >= PaneEvents && _kafkaTime - _paneKafkaTime >= PaneKafkaMilliseconds) ? PaneEnd.Full
            : Watermark - _paneWatermark >= PaneWatermarkMilliseconds ? PaneEnd.Time
            : null;
    }

    /// <summary>Closes the open pane and writes it with its cursor; false where an earlier run has written it.</summary>
    public bool Close(PaneEnd end, List<OutputRecord> output)
    {
        if (Contained <= Cursor)
        {
            DropPane();
            return false;
        }

        Reduce();
        var levels = _streams.Error.Changes.ToArray();
        var level = levels.Length > 0 ? levels[^1].Level : _streams.Error.Level;
        var pane = new Pane
        {
            Model = Model,
            Version = Version,
            Task = _streams.Error.Task,
            End = end,
            Events = _paneEvents,
            Labels = _paneLabels,
            FirstTime = _firstTime,
            Watermark = Watermark,
            Levels = levels,
            ErrorLevel = level,
            Spans = [new OffsetSpan(_input.Topic, _input.Partition, _fromOffset, Contained, _input.TopicId)],
            Streams = _streams.Take(),
            Performance = _streams.TakePerformance(),
        };
        (_paneEvents, _paneLabels, Cursor) = (0, 0, Contained);
        output.Add(new OutputRecord(OutputTopic.Panes, ModelPartition.Hash(_modelKey), _modelKey, PaneCodec.Encode(pane)));
        output.Add(State(_cursorKey, CursorBytes(Cursor)));
        return true;
    }

    /// <summary>Drops what is open of a pane that an earlier run closed before <paramref name="offset"/>, where this run would not have.</summary>
    public void DropPaneBefore(long offset)
    {
        if (_paneEvents > 0 && _fromOffset < Cursor && offset >= Cursor)
        {
            DropPane();
        }
    }

    /// <summary>Records that make saved state forget this monitor.</summary>
    public void Bury(List<OutputRecord> output)
    {
        output.Add(State(_monitorKey, null));
        output.Add(State(_cursorKey, null));
    }

    /// <inheritdoc/>
    public OutputRecord Save()
    {
        var bytes = new ArrayBufferWriter<byte>(4_096);
        var writer = new StateWriter(bytes);
        new StateSummary(Contained, Events, Labels, _streams.Error.Errors, Watermark).Save(ref writer);
        writer.Count(_rows);
        writer.Write(_learningSince);
        writer.Write(_kafkaTime);
        writer.Count(_paneEvents);
        if (_paneEvents > 0)
        {
            writer.Count(_paneLabels);
            writer.Write(_fromOffset);
            writer.Write(_paneKafkaTime);
            writer.Write(_paneWatermark);
            writer.Write(_firstTime);
        }

        _streams.Save(ref writer, _rows);
        FirstUnsaved = long.MaxValue;
        return State(_monitorKey, bytes.WrittenSpan.ToArray());
    }

    /// <summary>Reads what <see cref="Save"/> wrote into a new monitor.</summary>
    public void Load(ReadOnlySpan<byte> value)
    {
        var reader = new StateReader(value);
        var summary = StateSummary.Load(ref reader);
        (Contained, Events, Labels, Watermark) = (summary.Contained, summary.Events, summary.Labels, summary.Watermark);
        var rows = reader.Count();
        if (rows >= BlockRows)
        {
            throw reader.Broken($"fewer than {BlockRows} rows", rows.ToString());
        }

        _rows = (int)rows;
        (_learningSince, _kafkaTime, _paneEvents) = (reader.Int64(), reader.Int64(), reader.Count());
        if (_paneEvents > 0)
        {
            (_paneLabels, _fromOffset, _paneKafkaTime) = (reader.Count(), reader.Int64(), reader.Int64());
            (_paneWatermark, _firstTime) = (reader.Int64(), reader.Int64());
        }

        while (_capacity < _rows)
        {
            Grow();
        }

        _streams.Load(ref reader, _rows);
        reader.RequireEnd();
    }

    /// <summary>The end offset that a cursor's bytes hold.</summary>
    public static long LoadCursor(ReadOnlySpan<byte> value)
    {
        var reader = new StateReader(value);
        reader.RequireVersion(CursorLayout);
        var end = reader.Int64();
        reader.RequireEnd();
        return end;
    }

    private static byte[] CursorBytes(long end)
    {
        var bytes = new byte[9];
        bytes[0] = CursorLayout;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), end);
        return bytes;
    }

    private OutputRecord State(byte[] key, byte[]? value) => new(OutputTopic.State, (uint)_input.Partition, key, value);

    private void Begin(in EventPlace place, long kafkaTimestamp)
    {
        FirstUnsaved = Math.Min(FirstUnsaved, place.Offset);
        _kafkaTime = Math.Max(_kafkaTime, kafkaTimestamp);
        Watermark = Math.Max(Watermark, place.Time);
        _learningSince = Math.Min(_learningSince, Watermark);
        if (_paneEvents == 0)
        {
            (_fromOffset, _paneKafkaTime, _paneWatermark, _firstTime) = (place.Offset, _kafkaTime, Watermark, place.Time);
        }

        Contained = place.Offset + 1;
        _firstTime = Math.Min(_firstTime, place.Time);
        if (_rows == _capacity)
        {
            Grow();
        }
    }

    private void Grow()
    {
        _capacity = Math.Min(BlockRows, _capacity * 4);
        _streams.Resize(_capacity);
    }

    private void DropPane()
    {
        Reduce();
        _streams.Take();
        _streams.TakePerformance();
        (_paneEvents, _paneLabels) = (0, 0);
    }

    private void Reduce()
    {
        if (_rows == 0)
        {
            return;
        }

        _streams.Reduce(_rows, Watermark - _learningSince);
        _rows = 0;
    }
}
