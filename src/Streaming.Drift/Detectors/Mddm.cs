using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What every <see cref="Mddm"/> can be told.</summary>
public abstract record MddmOptions : DetectorOptions
{
    /// <summary>MDDM watches for rises unless told otherwise.</summary>
    protected MddmOptions() => Direction = Direction.Up;

    /// <summary>Newest values whose weighted error rate is compared (n).</summary>
    /// <value>2 to 10,000 values. Default 100.</value>
    [Range(2, 10_000), Unit("values")]
    public int Window { get; init; } = 100;

    /// <summary>Chance of a warning by accident, at each comparison (δ_w).</summary>
    /// <value>Above 0, below 1, at least that of a drift. Default 0.000005.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double WarningConfidence { get; init; } = 5e-6;

    /// <summary>Chance of a drift by accident, at each comparison (δ_d).</summary>
    /// <value>Above 0, below 1. Default 0.000001.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double DriftConfidence { get; init; } = 1e-6;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(DriftConfidence <= WarningConfidence, "driftConfidence", DriftConfidence, $"must be at most warningConfidence = {WarningConfidence}");
        var weights = new double[Window];
        FillWeights(weights);
        var sum = Moments.Sum(weights);
        Require(double.IsFinite(sum), "window", Window, "the newest weight must be a number, so the window or the growth of the weights must be smaller");
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] /= sum;
        }

        return new Mddm(this, weights);
    }

    /// <summary>Weights of the values of a window, oldest first, any scale.</summary>
    internal abstract void FillWeights(Span<double> weights);
}

/// <summary>What <see cref="Mddm"/> with arithmetic weights can be told.</summary>
[Detector("mddm-a", DetectorInput.Errors, "a weighted error rate above the best one, weights growing by a difference; warns first", "Pesaranghader et al., IJCNN 2018")]
public sealed record MddmAOptions : MddmOptions
{
    /// <summary>Weight that each value has more than the one before it (d).</summary>
    /// <value>0 to 1,000. Default 0.01.</value>
    [Range(0, 1_000.0), Unit("weight")]
    public double Difference { get; init; } = 0.01;

    internal override void FillWeights(Span<double> weights)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = 1 + (i * Difference);
        }
    }
}

/// <summary>What <see cref="Mddm"/> with geometric weights can be told.</summary>
[Detector("mddm-g", DetectorInput.Errors, "a weighted error rate above the best one, weights growing by a ratio; warns first", "Pesaranghader et al., IJCNN 2018")]
public sealed record MddmGOptions : MddmOptions
{
    /// <summary>Weight of each value as a multiple of that of the one before it (r).</summary>
    /// <value>1 to 10. Default 1.01.</value>
    [Range(1, 10.0), Unit("ratio")]
    public double Ratio { get; init; } = 1.01;

    internal override void FillWeights(Span<double> weights)
    {
        var weight = 1.0;
        foreach (ref var place in weights)
        {
            (place, weight) = (weight, weight * Ratio);
        }
    }
}

/// <summary>What <see cref="Mddm"/> with Euler weights can be told.</summary>
[Detector("mddm-e", DetectorInput.Errors, "a weighted error rate above the best one, weights growing exponentially; warns first", "Pesaranghader et al., IJCNN 2018")]
public sealed record MddmEOptions : MddmOptions
{
    /// <summary>Growth of the exponent from value to value (λ): the weight of value i is e^(λ i).</summary>
    /// <value>0 to 2. Default 0.01.</value>
    [Range(0, 2.0), Unit("exponent")]
    public double Growth { get; init; } = 0.01;

    internal override void FillWeights(Span<double> weights)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = DeterministicMath.Exp(Growth * i);
        }
    }
}

/// <summary>McDiarmid drift detection method: the weighted error rate of the newest values against the best one.</summary>
/// <remarks>
/// A. Pesaranghader, H. Viktor, E. Paquet, McDiarmid Drift Detection Methods for Evolving Data Streams, IJCNN 2018: with weights v that sum to 1, the
/// window's weighted error rate passes the least one so far by more than √(Σ v² ln(1/δ) / 2). Values are 1 for wrong and 0 for right. A fall
/// is a rise of 1 − x. The change is dated from the window's first value.
/// </remarks>
public sealed class Mddm : IDriftDetector
{
    private readonly Direction _direction;
    private readonly double[] _weights;
    private readonly double _warning;
    private readonly double _drift;
    private readonly SlidingWindow _window;
    private long _count;
    private double _least = double.PositiveInfinity;
    private double _most = double.NegativeInfinity;
    private Evidence _evidence;

    internal Mddm(MddmOptions options, double[] weights)
    {
        (_direction, _weights, _window) = (options.Direction, weights, new SlidingWindow(options.Window));
        var squares = 0.0;
        foreach (var weight in weights)
        {
            squares += weight * weight;
        }

        _warning = Math.Sqrt(squares * DeterministicMath.Log(1 / options.WarningConfidence) / 2);
        _drift = Math.Sqrt(squares * DeterministicMath.Log(1 / options.DriftConfidence) / 2);
    }

    /// <inheritdoc/>
    public DriftLevel Level { get; private set; }

    /// <inheritdoc/>
    public ref readonly Evidence Evidence => ref _evidence;

    /// <inheritdoc/>
    public DriftLevel Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return Level;
        }

        if (Level == DriftLevel.Drift)
        {
            _window.Clear();
            (_count, _least, _most) = (0, double.PositiveInfinity, double.NegativeInfinity);
        }

        _count++;
        _window.Add(value);
        if (!_window.IsFull)
        {
            return Level = DriftLevel.Learning;
        }

        var mean = WeightedMean();
        (_least, _most) = (Math.Min(_least, mean), Math.Max(_most, mean));
        var rise = (_direction & Direction.Up) != 0 ? mean - _least : 0;
        var fall = (_direction & Direction.Down) != 0 ? _most - mean : 0;
        var statistic = Math.Max(rise, fall);
        var level = statistic > _drift ? DriftLevel.Drift : statistic > _warning ? DriftLevel.Warning : DriftLevel.Stable;
        var suspected = level > DriftLevel.Stable;
        _evidence = new Evidence(
            statistic, _drift, fall > rise ? _most : _least, mean, _count, suspected ? _window.Capacity : 0,
            !suspected ? Direction.None : fall > rise ? Direction.Down : Direction.Up);
        return Level = level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
        writer.Write(_least);
        writer.Write(_most);
        _window.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        (_count, _least, _most) = (reader.Int64(), reader.Double(), reader.Double());
        _window.Load(ref reader);
    }

    // four sums in a fixed order, so that one addition need not wait for the other
    private double WeightedMean()
    {
        var values = _window.Values;
        var weights = _weights.AsSpan(0, values.Length);
        var (a, b, c, d, i) = (0.0, 0.0, 0.0, 0.0, 0);
        for (; i + 4 <= values.Length; i += 4)
        {
            a += weights[i] * values[i];
            b += weights[i + 1] * values[i + 1];
            c += weights[i + 2] * values[i + 2];
            d += weights[i + 3] * values[i + 3];
        }

        for (; i < values.Length; i++)
        {
            a += weights[i] * values[i];
        }

        return a + b + (c + d);
    }
}
