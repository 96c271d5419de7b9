using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Labels against predictions on one partition: the sums of the open pane, and the label before.</summary>
internal sealed class PerformanceStream
{
    private PerformanceSums? _open;
    private bool _hasLast;
    private ulong _lastKey;
    private int _lastClass;
    private double _lastNumber;

    /// <summary>Takes a labelled prediction.</summary>
    /// <param name="labelled">The two.</param>
    /// <param name="task">What the model predicts, as the error stream found.</param>
    /// <param name="u">Rank of the prediction of a regression; NaN while its reference is being learnt, and for other tasks.</param>
    public void Observe(in LabelledPrediction labelled, ModelTask task, double u)
    {
        if (_open is null || _open.Task != task)
        {
            (_open, _hasLast, _lastKey, _lastClass) = (new PerformanceSums(task), false, 0, 0);
        }

        var label = 0;
        if (_open.Distances is { } distances)
        {
            distances.Add(labelled.PredictionNumber, labelled.LabelNumber, u);
            if (_hasLast)
            {
                distances.AddLast(labelled.LabelNumber, _lastNumber);
            }

            _lastNumber = labelled.LabelNumber;
        }
        else
        {
            label = task == ModelTask.Binary ? AddBinary(labelled) : AddClasses(labelled);
        }

        _hasLast = true;
        _open.Delays.Add(label, labelled.LabelDelay);
    }

    /// <summary>What the pane holds; null where no label came.</summary>
    public PerformanceSums? Take()
    {
        if (_open is not { Count: > 0 })
        {
            return null;
        }

        var taken = new PerformanceSums(_open.Task);
        taken.Add(_open);
        _open.Clear();
        return taken;
    }

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(_open is not null);
        if (_open is null)
        {
            return;
        }

        writer.Part(PerformanceCodec.Encode(_open));
        writer.Write(_hasLast);
        writer.Write(_lastKey);
        writer.Count(_lastClass);
        writer.Write(_lastNumber);
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        if (!reader.Bool())
        {
            return;
        }

        _open = PerformanceCodec.Decode(reader.PartBytes());
        (_hasLast, _lastKey) = (reader.Bool(), reader.UInt64());
        (_lastClass, _lastNumber) = ((int)Math.Min(reader.Count(), ClassCounts.Most), reader.Double());
        if (_lastClass >= (_open.Classes?.Classes ?? 1))
        {
            throw reader.Broken("a class that is known", _lastClass.ToString());
        }
    }

    private int AddBinary(in LabelledPrediction labelled)
    {
        var (label, predicted) = (labelled.LabelNumber == 1, labelled.PredictionNumber >= 0.5);
        _open!.Scores!.AddBinary(labelled.PredictionNumber, label);
        return AddClass(
            label ? PerformanceSums.Positive : PerformanceSums.Negative, predicted ? PerformanceSums.Positive : PerformanceSums.Negative,
            label == predicted, label ? 1ul : 0);
    }

    private int AddClasses(in LabelledPrediction labelled)
    {
        var (classes, right) = (_open!.Classes!, labelled.PredictionText.SequenceEqual(labelled.LabelText));
        if (!double.IsNaN(labelled.LabelProbability))
        {
            _open.Scores!.AddClasses(labelled.TopProbability, right, labelled.LabelProbability, labelled.SquaredProbabilities);
        }

        return AddClass(
            classes.IndexOf(labelled.LabelText), classes.IndexOf(labelled.PredictionText), right, Categories.Key(labelled.LabelText));
    }

    private int AddClass(int label, int predicted, bool right, ulong key)
    {
        var classes = _open!.Classes!;
        classes.Add(label, predicted, right);
        if (_hasLast)
        {
            classes.AddLast(label, _lastClass, key == _lastKey, right);
        }

        (_lastClass, _lastKey) = (label, key);
        return label;
    }
}
