namespace Streaming.Monitoring;

/// <summary>Metrics of labels against predictions by class. What would be 0/0 counts as 0, as in scikit-learn; kappa of a single class is NaN.</summary>
/// <remarks>Works on one matrix: labels against predictions, or labels against the labels before, which is the baseline "same as last".</remarks>
internal readonly struct ClassFigures
{
    private readonly long[] _labels;
    private readonly long[] _predictions;
    private readonly long[] _right;
    private readonly long _count;
    private readonly long _allRight;

    public ClassFigures(ClassCounts counts, bool last = false)
    {
        var classes = counts.Classes;
        (_labels, _predictions, _right) = (new long[classes], new long[classes], new long[classes]);
        (_count, _allRight) = last ? (counts.LastCount, counts.LastRight) : (counts.Count, counts.Right);
        var others = _allRight;
        for (var label = 0; label < classes; label++)
        {
            for (var prediction = 0; prediction < classes; prediction++)
            {
                var cell = last ? counts.Last(label, prediction) : counts.Cell(label, prediction);
                _labels[label] += cell;
                _predictions[prediction] += cell;
                _right[label] += label == prediction && label > 0 ? cell : 0;
            }

            others -= _right[label];
        }

        // classes beyond the limit share a cell; how many of it were right is what the known ones leave
        _right[0] = others;
    }

    public double Accuracy => (double)_allRight / _count;

    /// <summary>Mean recall of the classes that occur as label.</summary>
    public double BalancedAccuracy
    {
        get
        {
            var (sum, classes) = (0.0, 0);
            for (var i = 0; i < _labels.Length; i++)
            {
                sum += _labels[i] > 0 ? Recall(i) : 0;
                classes += _labels[i] > 0 ? 1 : 0;
            }

            return sum / classes;
        }
    }

    /// <summary>Matthews' correlation of several classes (Gorodkin 2004); 0 where labels or predictions are all one class.</summary>
    public double Mcc
    {
        get
        {
            var (agree, labels, predictions) = Squares();
            var root = Math.Sqrt(((double)_count * _count) - predictions) * Math.Sqrt(((double)_count * _count) - labels);
            return root == 0 ? 0 : (((double)_count * _allRight) - agree) / root;
        }
    }

    /// <summary>Cohen's kappa.</summary>
    public double Kappa
    {
        get
        {
            var chance = Squares().Agree / ((double)_count * _count);
            return chance == 1 ? double.NaN : (Accuracy - chance) / (1 - chance);
        }
    }

    public double Recall(int index) => Ratio(_right[index], _labels[index]);

    public double Precision(int index) => Ratio(_right[index], _predictions[index]);

    public double F1(int index) => Ratio(2 * _right[index], _labels[index] + _predictions[index]);

    /// <summary>Share of a class among the labels.</summary>
    public double Share(int index) => index < _labels.Length ? (double)_labels[index] / _count : 0;

    /// <summary>Plain mean of a figure over the classes that occur as label or prediction.</summary>
    public double Macro(Func<ClassFigures, int, double> figure)
    {
        var (sum, classes) = (0.0, 0);
        for (var i = 0; i < _labels.Length; i++)
        {
            if (_labels[i] + _predictions[i] > 0)
            {
                sum += figure(this, i);
                classes++;
            }
        }

        return sum / classes;
    }

    /// <summary>Mean of a figure, each class weighted by its labels.</summary>
    public double Weighted(Func<ClassFigures, int, double> figure)
    {
        var sum = 0.0;
        for (var i = 0; i < _labels.Length; i++)
        {
            sum += _labels[i] > 0 ? _labels[i] * figure(this, i) : 0;
        }

        return sum / _count;
    }

    /// <summary>The commonest label; of several the one whose name comes first.</summary>
    public int Majority(ClassCounts counts)
    {
        var best = 0;
        for (var i = 1; i < _labels.Length; i++)
        {
            var isFirst = best == 0 || counts.Name(i).SequenceCompareTo(counts.Name(best)) < 0;
            best = _labels[i] > _labels[best] || (_labels[i] == _labels[best] && isFirst) ? i : best;
        }

        return best;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private (double Agree, double Labels, double Predictions) Squares()
    {
        var (agree, labels, predictions) = (0.0, 0.0, 0.0);
        for (var i = 0; i < _labels.Length; i++)
        {
            agree += (double)_labels[i] * _predictions[i];
            labels += (double)_labels[i] * _labels[i];
            predictions += (double)_predictions[i] * _predictions[i];
        }

        return (agree, labels, predictions);
    }
}
