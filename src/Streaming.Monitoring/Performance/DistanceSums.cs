using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Predictions of a number against their labels: moments, and the errors by where the prediction stood in its reference.</summary>
internal sealed class DistanceSums
{
    /// <summary>Equal bins of the prediction's u-value.</summary>
    public const int Tenths = 10;

    /// <summary>Of prediction less label.</summary>
    public MomentSummary Error { get; set; }

    public MomentSummary Label { get; set; }

    public MomentSummary Prediction { get; set; }

    public double Absolute { get; set; }

    public double Squares { get; set; }

    /// <summary>Labels that had one before them on their partition, and the sums of their distances from it.</summary>
    public long LastCount { get; set; }

    public double LastAbsolute { get; set; }

    public double LastSquares { get; set; }

    /// <summary>Events whose prediction had a reference, per tenth of its u-value, and the sums of their errors.</summary>
    public long[] TenthCount { get; } = new long[Tenths];

    public double[] TenthError { get; } = new double[Tenths];

    public double[] TenthAbsolute { get; } = new double[Tenths];

    public double[] TenthSquares { get; } = new double[Tenths];

    public long Ranked => TenthCount.Sum();

    /// <param name="prediction">What was predicted.</param>
    /// <param name="label">What came true.</param>
    /// <param name="u">Rank of the prediction in its reference; NaN while that is being learnt.</param>
    public void Add(double prediction, double label, double u)
    {
        var error = prediction - label;
        (Error, Label, Prediction) = (Error.Add(error), Label.Add(label), Prediction.Add(prediction));
        Absolute += Math.Abs(error);
        Squares += error * error;
        if (double.IsNaN(u))
        {
            return;
        }

        var tenth = Math.Clamp((int)(u * Tenths), 0, Tenths - 1);
        TenthCount[tenth]++;
        TenthError[tenth] += error;
        TenthAbsolute[tenth] += Math.Abs(error);
        TenthSquares[tenth] += error * error;
    }

    public void AddLast(double label, double before)
    {
        LastCount++;
        LastAbsolute += Math.Abs(before - label);
        LastSquares += (before - label) * (before - label);
    }

    public void Add(DistanceSums other)
    {
        (Error, Label, Prediction) = (Error.Merge(other.Error), Label.Merge(other.Label), Prediction.Merge(other.Prediction));
        (Absolute, Squares) = (Absolute + other.Absolute, Squares + other.Squares);
        (LastCount, LastAbsolute, LastSquares) = (LastCount + other.LastCount, LastAbsolute + other.LastAbsolute, LastSquares + other.LastSquares);
        for (var tenth = 0; tenth < Tenths; tenth++)
        {
            TenthCount[tenth] += other.TenthCount[tenth];
            TenthError[tenth] += other.TenthError[tenth];
            TenthAbsolute[tenth] += other.TenthAbsolute[tenth];
            TenthSquares[tenth] += other.TenthSquares[tenth];
        }
    }

    public void Clear()
    {
        (Error, Label, Prediction) = (default, default, default);
        (Absolute, Squares, LastCount, LastAbsolute, LastSquares) = (0, 0, 0, 0, 0);
        Array.Clear(TenthCount);
        Array.Clear(TenthError);
        Array.Clear(TenthAbsolute);
        Array.Clear(TenthSquares);
    }
}
