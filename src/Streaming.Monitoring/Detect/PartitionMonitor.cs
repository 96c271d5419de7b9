using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One model version on one partition: takes events a row at a time, gives panes.</summary>
/// <remarks>Rows are gathered into blocks that begin with the pane, so that sums do not depend on how the log was split into batches.</remarks>
internal sealed class PartitionMonitor
{
    private const int BlockRows = 256;
    private const int PaneEvents = 256;
    private const int LargestPane = 65_536;
    private const long PaneKafkaMilliseconds = 250;
    private const long PaneWatermarkMilliseconds = 5_000;

    private readonly MonitoringOptions _options;
    private readonly string _topic;
    private readonly int _partition;
    private readonly byte[] _modelKey;
    private readonly List<IPaneStream> _own = [];
    private readonly FeatureColumns _features;
    private readonly ErrorStream _error;
    private readonly ShareStream _missing;
    private readonly ShareStream _failure;
    private NumericStream? _prediction;
    private CategoricalStream? _class;
    private NumericStream? _score;
    private NumericStream? _latency;
    private int _capacity = 16;
    private int _rows;
    private long _paneEvents;
    private long _paneLabels;
    private long _fromOffset;
    private long _lastOffset;
    private long _paneKafkaTime;
    private long _paneWatermark;
    private long _firstTime;
    private long _learningSince = long.MaxValue;

    public PartitionMonitor(MonitoringOptions options, string topic, int partition, string model, string version)
    {
        (_options, _topic, _partition, Model, Version) = (options, topic, partition, model, version);
        _modelKey = System.Text.Encoding.UTF8.GetBytes(model);
        _features = new FeatureColumns(options);
        _error = new ErrorStream(options);
        _missing = new ShareStream("missing", options.LearnFor);
        _failure = new ShareStream("failure", options.LearnFor);
        _own.Add(_missing);
        _own.Add(_failure);
        _missing.Resize(_capacity);
        _failure.Resize(_capacity);
    }

    public string Model { get; }

    public string Version { get; }

    public long Events { get; private set; }

    public long Labels { get; private set; }

    public long Errors => _error.Errors;

    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Whether a pane is open.</summary>
    public bool IsOpen => _paneEvents > 0;

    /// <summary>The field of an event that does not fit what came before; null where all fit.</summary>
    public string? Misfit(DecodedEvent decoded, ReadOnlySpan<byte> record)
    {
        if (_features.Misfit(decoded, record) is { } feature)
        {
            return feature;
        }

        if (decoded.PredictionKind == FieldKind.Text && _prediction is not null)
        {
            return "prediction";
        }

        return ErrorStream.Fits(decoded) ? null : "label";
    }

    /// <summary>Takes one event; returns the pane that it closed, if it closed one.</summary>
    public OutputRecord? Observe(DecodedEvent decoded, ReadOnlySpan<byte> record, long offset, long kafkaTime, long time, out PaneEnd end)
    {
        Begin(offset, kafkaTime, time);
        var entered = Set(decoded, record, offset, time);
        _rows++;
        _paneEvents++;
        Events++;
        if (_rows == BlockRows)
        {
            Reduce();
        }

        var closed = entered ? PaneEnd.Level
            : _paneEvents >= LargestPane || (_paneEvents >= PaneEvents && kafkaTime - _paneKafkaTime >= PaneKafkaMilliseconds) ? PaneEnd.Full
            : Watermark - _paneWatermark >= PaneWatermarkMilliseconds ? PaneEnd.Time
            : (PaneEnd?)null;
        end = closed.GetValueOrDefault();
        return closed is null ? null : Close(end);
    }

    /// <summary>Closes the open pane.</summary>
    public OutputRecord Close(PaneEnd end)
    {
        Reduce();
        var levels = _error.Changes.ToArray();
        var level = levels.Length > 0 ? levels[^1].Level : _error.Level;
        var pane = new Pane
        {
            Model = Model,
            Version = Version,
            Task = _error.Task,
            End = end,
            Events = _paneEvents,
            Labels = _paneLabels,
            FirstTime = _firstTime,
            Watermark = Watermark,
            Levels = levels,
            ErrorLevel = level,
            Spans = [new OffsetSpan(_topic, _partition, _fromOffset, _lastOffset + 1)],
            Streams = TakeStreams(),
        };
        (_paneEvents, _paneLabels) = (0, 0);
        return new OutputRecord(OutputTopic.Panes, ModelPartition.Hash(_modelKey), _modelKey, PaneCodec.Encode(pane));
    }

    private void Begin(long offset, long kafkaTime, long time)
    {
        Watermark = Math.Max(Watermark, time);
        _learningSince = Math.Min(_learningSince, Watermark);
        if (_paneEvents == 0)
        {
            (_fromOffset, _paneKafkaTime, _paneWatermark, _firstTime) = (offset, kafkaTime, Watermark, time);
        }

        _lastOffset = offset;
        _firstTime = Math.Min(_firstTime, time);
        if (_rows == _capacity)
        {
            _capacity = Math.Min(BlockRows, _capacity * 4);
            foreach (var stream in _own)
            {
                stream.Resize(_capacity);
            }

            foreach (var stream in _features.Streams)
            {
                stream.Resize(_capacity);
            }

            _error.Resize(_capacity);
        }
    }

    private bool Set(DecodedEvent decoded, ReadOnlySpan<byte> record, long offset, long time)
    {
        _missing.Set(_rows, decoded.HasFeatures ? _features.Set(decoded, record, _rows, _capacity) : NoFeatures());
        _failure.Set(_rows, decoded.Failed == true ? 1 : 0);
        SetPrediction(decoded, record);
        if (!double.IsNaN(decoded.Latency) || _latency is not null)
        {
            (_latency ??= NewNumeric("latency")).Set(_rows, decoded.Latency);
        }

        if (decoded.LabelKind != FieldKind.Absent)
        {
            _paneLabels++;
            Labels++;
        }

        return _error.Observe(decoded, record, _rows, _capacity, offset, time);
    }

    private double NoFeatures()
    {
        foreach (var stream in _features.Streams)
        {
            stream.SetMissing(_rows);
        }

        return _features.Count == 0 ? double.NaN : 1;
    }

    private void SetPrediction(DecodedEvent decoded, ReadOnlySpan<byte> record)
    {
        if (_class is null && decoded.PredictionKind == FieldKind.Number)
        {
            _prediction ??= NewNumeric("prediction");
        }
        else if (_prediction is null && decoded.PredictionKind != FieldKind.Absent)
        {
            _class ??= NewCategorical();
        }

        _prediction?.Set(_rows, decoded.PredictionNumber);
        if (_class is not null)
        {
            if (decoded.PredictionKind == FieldKind.Absent)
            {
                _class.SetMissing(_rows);
            }
            else
            {
                _class.Set(_rows, decoded.Text(decoded.PredictionText, record));
            }
        }

        if (!double.IsNaN(decoded.TopProbability) || _score is not null)
        {
            (_score ??= NewNumeric("score")).Set(_rows, decoded.TopProbability);
        }
    }

    private NumericStream NewNumeric(string name)
    {
        var stream = new NumericStream(name, _options.LearnFor, _options.Profile?.Numeric(name));
        stream.Resize(_capacity);
        _own.Add(stream);
        return stream;
    }

    private CategoricalStream NewCategorical()
    {
        var stream = new CategoricalStream("prediction", _options.LearnFor, _options.Profile?.Categorical("prediction"), _options.Profile);
        stream.Resize(_capacity);
        _own.Add(stream);
        return stream;
    }

    private void Reduce()
    {
        if (_rows == 0)
        {
            return;
        }

        var elapsed = Watermark - _learningSince;
        foreach (var stream in _own)
        {
            stream.Reduce(_rows, elapsed);
        }

        foreach (var stream in _features.Streams)
        {
            stream.Reduce(_rows, elapsed);
        }

        _error.Reduce(_rows, elapsed);
        _rows = 0;
    }

    private List<StreamPane> TakeStreams()
    {
        var panes = new List<StreamPane>(_features.Count + 6);
        if (_error.Take() is { } error)
        {
            panes.Add(error);
        }

        foreach (var stream in _own)
        {
            panes.Add(stream.Take());
        }

        foreach (var stream in _features.Streams)
        {
            panes.Add(stream.Take());
        }

        return panes;
    }
}
