using System.Buffers;
using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The input partition that a monitor watches.</summary>
internal sealed record MonitoredPartition(string Topic, int Partition, Guid TopicId)
{
    /// <summary>Where its labels come from; null where there is no labels topic.</summary>
    public MonitoredPartition? Labels { get; set; }
}

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
    private const byte CursorLayout = 2;

    private readonly MonitoredPartition _input;
    private readonly byte[] _modelKey;
    private readonly byte[] _monitorKey;
    private readonly byte[] _cursorKey;
    private readonly PartitionStreams _streams;
    private int _capacity = 16;
    private int _rows;
    private long _paneEvents;
    private long _paneLabels;
    private LogOffsets _from;
    private (long From, long To) _labels;
    private Guid _labelsId;
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

    /// <summary>Offsets after the last event or label that it has taken.</summary>
    public LogOffsets Contained { get; private set; }

    /// <summary>Ends of the last pane that was written; no pane that ends before is written again.</summary>
    public LogOffsets Cursor { get; set; }

    /// <inheritdoc/>
    public long FirstUnsaved { get; private set; } = long.MaxValue;

    /// <summary>Whether a detector began anew when state was loaded.</summary>
    public bool Restarted => _streams.Error.Restarted;

    /// <summary>Its number in the label join, once it has one.</summary>
    public int? JoinNumber { get; set; }

    /// <summary>Streams in memory.</summary>
    public int StreamsHeld => _streams.Count;

    /// <summary>Those of them that count categories.</summary>
    public int TextStreamsHeld => _streams.TextCount;

    /// <summary>Whether a pane is open.</summary>
    public bool IsOpen => _paneEvents > 0 || _paneLabels > 0;

    /// <summary>Where the open pane begins.</summary>
    public long PaneFrom => _from.Sum;

    /// <summary>The field of an event that does not fit what came before; null where all fit.</summary>
    public string? Misfit(DecodedEvent decoded, ReadOnlySpan<byte> record) => _streams.Misfit(decoded, record);

    /// <summary>Takes one event; says what closes the open pane, if anything does.</summary>
    public PaneEnd? Observe(DecodedEvent decoded, ReadOnlySpan<byte> record, long kafkaTimestamp, in EventPlace place)
    {
        Begin(place, kafkaTimestamp);
        Begin(place.Time);
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

        return EndAfter(entered);
    }

    /// <summary>Takes a label with its prediction; says what closes the open pane, if anything does.</summary>
    /// <param name="labelled">The two.</param>
    /// <param name="kafkaTimestamp">Of the record that was taken: the label, or the prediction that the label waited for.</param>
    /// <param name="label">Offset of the label; negative where the label came first.</param>
    /// <param name="place">Where that record stands.</param>
    public PaneEnd? Judge(in LabelledPrediction labelled, long kafkaTimestamp, long label, in EventPlace place)
    {
        Begin(place, kafkaTimestamp);
        if (label >= 0)
        {
            _labels = (_labels.To == 0 ? label : _labels.From, label + 1);
        }

        _paneLabels++;
        Labels++;
        var errors = _streams.Error.Errors;
        var entered = _streams.Judge(labelled, place);
        if (!place.Replayed)
        {
            Counted = Counted with { Labels = Counted.Labels + 1, Errors = Counted.Errors + _streams.Error.Errors - errors };
        }

        return EndAfter(entered);
    }

    private PaneEnd? EndAfter(bool entered)
    {
        if (_rows == BlockRows || _streams.Error.Rows == ErrorStream.BlockRows)
        {
            Reduce();
        }

        var taken = Math.Max(_paneEvents, _paneLabels);
        return entered ? PaneEnd.Level
            : taken >= LargestPane || (taken >= PaneEvents && _kafkaTime - _paneKafkaTime >= PaneKafkaMilliseconds) ? PaneEnd.Full
            : Watermark - _paneWatermark >= PaneWatermarkMilliseconds ? PaneEnd.Time
            : null;
    }

    /// <summary>Closes the open pane and writes it with its cursor; false where an earlier run has written it.</summary>
    public bool Close(PaneEnd end, List<OutputRecord> output)
    {
        if (Contained.IsWithin(Cursor))
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
            Spans = Spans(),
            Streams = _streams.Take(),
            Performance = _streams.TakePerformance(),
        };
        (_paneEvents, _paneLabels, _labels, Cursor) = (0, 0, default, Contained);
        output.Add(new OutputRecord(OutputTopic.Panes, ModelPartition.Hash(_modelKey), _modelKey, PaneCodec.Encode(pane)));
        output.Add(State(_cursorKey, CursorBytes()));
        return true;
    }

    /// <summary>Drops what is open of a pane that an earlier run closed before <paramref name="at"/>, where this run would not have.</summary>
    public void DropPaneBefore(in LogOffsets at)
    {
        if (IsOpen && !Cursor.IsWithin(_from) && Cursor.IsWithin(at))
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
        new StateSummary(Contained.Predictions, Events, Labels, _streams.Error.Errors, Watermark, Contained.Labels).Save(ref writer);
        writer.Write(LabelsId);
        writer.Count(_rows);
        writer.Write(_learningSince);
        writer.Write(_kafkaTime);
        writer.Count(_paneEvents);
        writer.Count(_paneLabels);
        if (IsOpen)
        {
            writer.Write(_from.Predictions);
            writer.Write(_from.Labels);
            writer.Write(_labels.From);
            writer.Write(_labels.To);
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
        (Contained, Events, Labels, Watermark) = (new(summary.Contained, summary.ContainedLabels), summary.Events, summary.Labels, summary.Watermark);
        _labelsId = reader.Guid();
        var rows = reader.Count();
        if (rows >= BlockRows)
        {
            throw reader.Broken($"fewer than {BlockRows} rows", rows.ToString());
        }

        _rows = (int)rows;
        (_learningSince, _kafkaTime, _paneEvents, _paneLabels) = (reader.Int64(), reader.Int64(), reader.Count(), reader.Count());
        if (IsOpen)
        {
            (_from, _labels) = (new(reader.Int64(), reader.Int64()), (reader.Int64(), reader.Int64()));
            (_paneKafkaTime, _paneWatermark, _firstTime) = (reader.Int64(), reader.Int64(), reader.Int64());
        }

        while (_capacity < _rows)
        {
            Grow();
        }

        _streams.Load(ref reader, _rows);
        reader.RequireEnd();
    }

    /// <summary>The end offsets that a cursor's bytes hold.</summary>
    public static (LogOffsets End, Guid LabelsId) LoadCursor(ReadOnlySpan<byte> value)
    {
        var reader = new StateReader(value);
        reader.RequireVersion(CursorLayout);
        var end = (new LogOffsets(reader.Int64(), reader.Int64()), reader.Guid());
        reader.RequireEnd();
        return end;
    }

    /// <summary>A labels topic that is new, or was made anew, has offsets of its own.</summary>
    /// <param name="from">Where reading begins.</param>
    public void ForgetOtherLabels(in LogOffsets from)
    {
        if (_labelsId != LabelsId)
        {
            (Contained, _from, _labels) = (Contained.OnOtherLabels(from), _from.OnOtherLabels(from), default);
        }
    }

    private Guid LabelsId => _input.Labels?.TopicId ?? Guid.Empty;

    private byte[] CursorBytes()
    {
        var bytes = new ArrayBufferWriter<byte>(40);
        var writer = new StateWriter(bytes);
        writer.Version(CursorLayout);
        writer.Write(Cursor.Predictions);
        writer.Write(Cursor.Labels);
        writer.Write(LabelsId);
        return bytes.WrittenSpan.ToArray();
    }

    private OffsetSpan[] Spans()
    {
        var predictions = new OffsetSpan(_input.Topic, _input.Partition, _from.Predictions, Contained.Predictions, _input.TopicId);
        return _input.Labels is { } labels && _labels.To > 0
            ? [predictions, new OffsetSpan(labels.Topic, labels.Partition, _labels.From, _labels.To, labels.TopicId)] : [predictions];
    }

    private OutputRecord State(byte[] key, byte[]? value) => new(OutputTopic.State, (uint)_input.Partition, key, value);

    private void Begin(in EventPlace place, long kafkaTimestamp)
    {
        DropPaneBefore(place.At);
        FirstUnsaved = Math.Min(FirstUnsaved, place.At.Sum);
        _kafkaTime = Math.Max(_kafkaTime, kafkaTimestamp);
        if (!IsOpen)
        {
            (_from, _paneKafkaTime, _paneWatermark, _firstTime) = (place.At, _kafkaTime, Watermark, Watermark);
        }

        Contained = place.After;
    }

    private void Begin(long time)
    {
        Watermark = Math.Max(Watermark, time);
        _learningSince = Math.Min(_learningSince, Watermark);
        if (!IsOpen)
        {
            (_paneWatermark, _firstTime) = (Watermark, time);
        }

        _firstTime = Math.Min(_firstTime, time);
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
        (_paneEvents, _paneLabels, _labels) = (0, 0, default);
    }

    private void Reduce()
    {
        if (_rows == 0 && _streams.Error.Rows == 0)
        {
            return;
        }

        _streams.Reduce(_rows, Watermark - _learningSince);
        _rows = 0;
    }
}
