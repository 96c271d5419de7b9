using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The error of a model on one partition: from prediction and label to 0/1, or to the distance of a regression; watched per event.</summary>
internal sealed class ErrorStream(MonitoringOptions options)
{
    public const string Name = "error";

    /// <summary>Distances that are added up at once: no more may wait.</summary>
    public const int BlockRows = 256;

    private readonly AdwinOptions _adwin = new() { Delta = options.AdwinDelta, Direction = Direction.Up };
    private readonly List<LevelChange> _changes = [];
    private bool _restarted;
    private IDriftDetector? _detector;
    private NumericStream? _distances;
    private long _wrong;
    private long _judged;

    public ModelTask Task { get; private set; }

    public DriftLevel Level => _detector?.Level ?? DriftLevel.Learning;

    /// <summary>Whether the detector began anew when state was loaded, because its options had changed.</summary>
    public bool Restarted => _restarted;

    /// <summary>Events judged wrong.</summary>
    public long Errors { get; private set; }

    /// <summary>Level changes of the pane that is open.</summary>
    public IReadOnlyList<LevelChange> Changes => _changes;

    /// <summary>Whether the label can be compared with the prediction.</summary>
    public static bool Fits(DecodedEvent decoded) =>
        decoded.LabelKind == FieldKind.Absent || decoded.PredictionKind != FieldKind.Number || decoded.LabelKind != FieldKind.Text;

    /// <summary>Distances of a regression that wait to be added up.</summary>
    public int Rows { get; private set; }

    /// <summary>Judges one prediction; true where the level entered Warning or Drift.</summary>
    public bool Observe(in LabelledPrediction labelled, in EventPlace place)
    {
        SetTask(TaskOf(labelled));
        double value;
        if (Task == ModelTask.Regression)
        {
            var distance = Math.Abs(labelled.PredictionNumber - labelled.LabelNumber);
            _distances!.Set(Rows++, distance);
            value = _distances.U(distance);
            if (double.IsNaN(value))
            {
                return false;
            }
        }
        else
        {
            value = IsWrong(labelled) ? 1 : 0;
            _judged++;
            _wrong += (long)value;
            Errors += (long)value;
        }

        // a detector whose options changed begins where the replay ends
        return !(place.Replayed && _restarted) && Watch(value, place.Offset, place.Time);
    }

    public void Reduce(long elapsed)
    {
        _distances?.Reduce(Rows, elapsed);
        Rows = 0;
    }

    /// <summary>What the pane holds of the error; null where no label came yet.</summary>
    public StreamPane? Take()
    {
        _changes.Clear();
        if (_distances is not null)
        {
            return _distances.Take();
        }

        if (Task == ModelTask.Unknown)
        {
            return null;
        }

        var mean = _judged > 0 ? (double)_wrong / _judged : 0;
        var pane = new StreamPane(Name, StreamKind.Error)
        {
            Count = _judged,
            Mean = mean,
            M2 = _wrong * (1 - mean),
            Max = _wrong > 0 ? 1 : 0,
            Min = _judged > _wrong ? 0 : 1,
        };
        (_judged, _wrong) = (0, 0);
        return pane;
    }

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Task);
        writer.Count(Errors);
        writer.Count(_judged);
        writer.Count(_wrong);
        writer.Count(_changes.Count);
        foreach (var change in _changes)
        {
            writer.Write((byte)change.Level);
            writer.Write(change.Offset);
            writer.Write(change.Time);
            change.Evidence.Save(ref writer);
        }

        if (_detector is { } detector)
        {
            writer.Count(Rows);
            _distances?.Save(ref writer, Rows);
            DetectorState.Save(ref writer, DetectorState.HashOf(_adwin), detector.Save);
        }
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        SetTask((ModelTask)reader.Byte((byte)ModelTask.Regression));
        (Errors, _judged, _wrong) = (reader.Count(), reader.Count(), reader.Count());
        for (var left = reader.Length(58); left > 0; left--)
        {
            _changes.Add(new LevelChange(
                Name, "adwin", (DriftLevel)reader.Byte((byte)DriftLevel.Drift), reader.Int64(), reader.Int64(), Evidence.Load(ref reader)));
        }

        if (_detector is null)
        {
            return;
        }

        var rows = reader.Count();
        if (rows >= BlockRows)
        {
            throw reader.Broken($"fewer than {BlockRows} rows", rows.ToString());
        }

        Rows = (int)rows;
        _distances?.Load(ref reader, Rows);
        _restarted = !DetectorState.TryLoad(ref reader, DetectorState.HashOf(_adwin), out var part);
        if (!_restarted)
        {
            _detector.Load(ref part);
            part.RequireEnd();
        }
    }

    private static bool IsWrong(in LabelledPrediction labelled) => labelled.PredictionKind == FieldKind.Number
        ? (labelled.PredictionNumber >= 0.5) != (labelled.LabelNumber == 1)
        : !labelled.PredictionText.SequenceEqual(labelled.LabelText);

    private ModelTask TaskOf(in LabelledPrediction labelled)
    {
        if (labelled.PredictionKind != FieldKind.Number)
        {
            return ModelTask.MultiClass;
        }

        // a regression may begin with labels 0 and 1; one other value settles it for good
        var looksBinary = labelled.LabelNumber is 0 or 1 && labelled.PredictionNumber is >= 0 and <= 1;
        return looksBinary && Task != ModelTask.Regression ? ModelTask.Binary : ModelTask.Regression;
    }

    private void SetTask(ModelTask task)
    {
        if (task == Task)
        {
            return;
        }

        Task = task;
        (_judged, _wrong, Rows) = (0, 0, 0);
        _detector = _adwin.Create();
        _distances = null;
        if (task == ModelTask.Regression)
        {
            _distances = new NumericStream(Name, options.LearnFor, null);
            _distances.Resize(BlockRows);
        }
    }

    private bool Watch(double value, long offset, long time)
    {
        var before = _detector!.Level;
        var level = _detector.Update(value);
        if (level <= DriftLevel.Stable || level == before)
        {
            return false;
        }

        _changes.Add(new LevelChange(Name, "adwin", level, offset, time, _detector.Evidence));
        return true;
    }
}
