using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Where an event or a label stands.</summary>
/// <param name="At">Offsets before it.</param>
/// <param name="After">Offsets after it.</param>
/// <param name="Time">Event time of the prediction.</param>
/// <param name="Replayed">Whether an earlier run has taken it before.</param>
internal readonly record struct EventPlace(LogOffsets At, LogOffsets After, long Time, bool Replayed);

/// <summary>The streams of one model version on one partition, a row an event.</summary>
internal sealed class PartitionStreams
{
    private const byte Class = 1;

    private readonly MonitoringOptions _options;
    private readonly List<IPaneStream> _own = [];
    private readonly List<(string Name, byte Kind)> _later = [];
    private readonly FeatureColumns _features;
    private readonly ErrorStream _error;
    private readonly PerformanceStream _performance = new();
    private readonly ShareStream _missing;
    private readonly ShareStream _failure;
    private NumericStream? _prediction;
    private CategoricalStream? _class;
    private NumericStream? _score;
    private NumericStream? _latency;
    private int _capacity;

    public PartitionStreams(MonitoringOptions options, int capacity)
    {
        (_options, _capacity) = (options, capacity);
        _features = new FeatureColumns(options);
        _error = new ErrorStream(options);
        _missing = new ShareStream("missing", options.LearnFor);
        _failure = new ShareStream("failure", options.LearnFor);
        _own.Add(_missing);
        _own.Add(_failure);
        _missing.Resize(capacity);
        _failure.Resize(capacity);
    }

    public ErrorStream Error => _error;

    /// <summary>How many there are.</summary>
    public int Count => _own.Count + _features.Streams.Count + 1;

    /// <summary>Those of them that count categories.</summary>
    public int TextCount => _own.Count(static stream => stream is CategoricalStream) + _features.Streams.Count(static stream => stream is CategoricalStream);

    /// <summary>The field of an event that does not fit what came before; null where all fit.</summary>
    public string? Misfit(DecodedEvent decoded, ReadOnlySpan<byte> record)
    {
        if (_features.Misfit(decoded, record) is { } feature)
        {
            return feature;
        }

        return decoded.PredictionKind == FieldKind.Text && _prediction is not null ? "prediction" : MisfitOfFirst(decoded);
    }

    /// <summary>The same for an event that begins a monitor.</summary>
    public static string? MisfitOfFirst(DecodedEvent decoded) => ErrorStream.Fits(decoded) ? null : "label";

    public void Resize(int capacity)
    {
        _capacity = capacity;
        foreach (var stream in _own)
        {
            stream.Resize(capacity);
        }

        foreach (var stream in _features.Streams)
        {
            stream.Resize(capacity);
        }
    }

    /// <summary>Sets a row; true where the level of the error stream entered Warning or Drift.</summary>
    public bool Set(DecodedEvent decoded, ReadOnlySpan<byte> record, int row, in EventPlace place)
    {
        _missing.Set(row, decoded.HasFeatures ? _features.Set(decoded, record, row, _capacity) : NoFeatures(row));
        _failure.Set(row, decoded.Failed == true ? 1 : 0);
        SetPrediction(decoded, record, row);
        if (!double.IsNaN(decoded.Latency) || _latency is not null)
        {
            (_latency ??= NewNumeric("latency")).Set(row, decoded.Latency);
        }

        return decoded.LabelKind != FieldKind.Absent && decoded.PredictionKind != FieldKind.Absent && Judge(LabelledPrediction.Of(decoded, record), place);
    }

    /// <summary>Takes a label with its prediction; true where the level of the error stream entered Warning or Drift.</summary>
    public bool Judge(in LabelledPrediction labelled, in EventPlace place)
    {
        var entered = _error.Observe(labelled, place);
        _performance.Observe(labelled, _error.Task, _error.Task == ModelTask.Regression && _prediction is { } prediction ? prediction.U(labelled.PredictionNumber) : double.NaN);
        return entered;
    }

    /// <summary>What the pane holds of performance, null where no label came; begins the next pane.</summary>
    public PerformanceSums? TakePerformance() => _performance.Take();

    public void Reduce(int rows, long elapsed)
    {
        foreach (var stream in _own)
        {
            stream.Reduce(rows, elapsed);
        }

        foreach (var stream in _features.Streams)
        {
            stream.Reduce(rows, elapsed);
        }

        _error.Reduce(elapsed);
    }

    public List<StreamPane> Take()
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

    public void Save(ref StateWriter writer, int rows)
    {
        _missing.Save(ref writer, rows);
        _failure.Save(ref writer, rows);
        writer.Count(_later.Count);
        for (var i = 0; i < _later.Count; i++)
        {
            writer.Write(_later[i].Name);
            writer.Write(_later[i].Kind);
            _own[i + 2].Save(ref writer, rows);
        }

        _features.Save(ref writer, rows);
        _performance.Save(ref writer);
        _error.Save(ref writer);
    }

    public void Load(ref StateReader reader, int rows)
    {
        _missing.Load(ref reader, rows);
        _failure.Load(ref reader, rows);
        for (var left = reader.Length(6); left > 0; left--)
        {
            NewLater(ref reader).Load(ref reader, rows);
        }

        _features.Load(ref reader, rows, _capacity);
        _performance.Load(ref reader);
        _error.Load(ref reader);
    }

    private IPaneStream NewLater(ref StateReader reader)
    {
        var (name, kind) = (reader.Text(), reader.Byte(Class));
        return (name, kind) switch
        {
            ("prediction", Class) when _class is null && _prediction is null => _class = NewClass(),
            ("prediction", 0) when _class is null && _prediction is null => _prediction = NewNumeric(name),
            ("score", 0) when _score is null => _score = NewNumeric(name),
            ("latency", 0) when _latency is null => _latency = NewNumeric(name),
            _ => throw reader.Broken("prediction, score or latency, each once", $"'{name}' of kind {kind}"),
        };
    }

    private double NoFeatures(int row)
    {
        foreach (var stream in _features.Streams)
        {
            stream.SetMissing(row);
        }

        return _features.Count == 0 ? double.NaN : 1;
    }

    private void SetPrediction(DecodedEvent decoded, ReadOnlySpan<byte> record, int row)
    {
        if (_class is null && decoded.PredictionKind == FieldKind.Number)
        {
            _prediction ??= NewNumeric("prediction");
        }
        else if (_prediction is null && decoded.PredictionKind != FieldKind.Absent)
        {
            _class ??= NewClass();
        }

        _prediction?.Set(row, decoded.PredictionNumber);
        if (_class is not null)
        {
            if (decoded.PredictionKind == FieldKind.Absent)
            {
                _class.SetMissing(row);
            }
            else
            {
                _class.Set(row, decoded.Text(decoded.PredictionText, record));
            }
        }

        if (!double.IsNaN(decoded.TopProbability) || _score is not null)
        {
            (_score ??= NewNumeric("score")).Set(row, decoded.TopProbability);
        }
    }

    private NumericStream NewNumeric(string name)
    {
        var stream = new NumericStream(name, _options.LearnFor, _options.Profile?.Numeric(name));
        Keep(stream, name, 0);
        return stream;
    }

    private CategoricalStream NewClass()
    {
        var stream = new CategoricalStream("prediction", _options.LearnFor, _options.Profile?.Categorical("prediction"), _options.Profile);
        Keep(stream, "prediction", Class);
        return stream;
    }

    private void Keep(IPaneStream stream, string name, byte kind)
    {
        stream.Resize(_capacity);
        _own.Add(stream);
        _later.Add((name, kind));
    }
}
