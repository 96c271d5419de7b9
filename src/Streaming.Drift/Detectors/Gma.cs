using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Gma"/> can be told.</summary>
[Detector("gma", DetectorInput.Numbers, "newest values far above or below the running mean", "Roberts, Technometrics 1(3), 1959")]
public sealed record GmaOptions : DetectorOptions
{
    /// <summary>GMA watches for rises unless told otherwise.</summary>
    public GmaOptions() => Direction = Direction.Up;

    /// <summary>Average movement beyond which a change is reported (λ).</summary>
    /// <value>Unit of the input, above 0. Default 1, which suits values with a standard deviation near 1 or more; a share needs less.</value>
    [Range(double.Epsilon, double.MaxValue), Unit("input")]
    public double Threshold { get; init; } = 1;

    /// <summary>What is kept of the average from value to value (α).</summary>
    /// <value>At least 0, below 1. Default 0.99.</value>
    [Range(0, 0.999999999), Unit("share")]
    public double Forgetting { get; init; } = 0.99;

    /// <summary>Values before the first judgement.</summary>
    /// <value>2 to 1,000,000 values. Default 30.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 30;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new Gma(this);
    }
}

/// <summary>Geometric moving average of the movements away from the running mean.</summary>
/// <remarks>
/// S. W. Roberts, Control Chart Tests Based on Geometric Moving Averages, Technometrics 1(3), 1959: z = α z + (1 − α)(x − mean). Alarms are strict.
/// A fall is a rise of −x. The change is dated from where the average last had the other sign. Judges from value
/// <see cref="GmaOptions.MinCount"/> − 1 on, as MOA counts one ahead.
/// </remarks>
public sealed class Gma : IDriftDetector
{
    private readonly GmaOptions _options;
    private long _count;
    private double _mean;
    private double _average;
    private Climb _up;
    private Climb _down;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private Direction _alarm;

    internal Gma(GmaOptions options) => _options = options;

    /// <inheritdoc/>
    public DriftLevel Level { get; private set; }

    /// <inheritdoc/>
    public ref readonly Evidence Evidence
    {
        get
        {
            Explain();
            return ref _evidence;
        }
    }

    /// <inheritdoc/>
    public DriftLevel Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return Level;
        }

        if (Level == DriftLevel.Drift)
        {
            Explain();
            (_count, _mean, _average, _up, _down) = (0, 0, 0, default, default);
        }

        _mean += (value - _mean) / ++_count;
        _average = (_options.Forgetting * _average) + ((1 - _options.Forgetting) * (value - _mean));
        _up.Step(_average, _mean);
        _down.Step(-_average, _mean);
        if (_count < _options.MinCount - 1)
        {
            return Level = DriftLevel.Learning;
        }

        var passed = _average > _options.Threshold ? Direction.Up : -_average > _options.Threshold ? Direction.Down : Direction.None;
        var alarm = passed & _options.Direction;
        (_alarm, _isExplained) = (alarm, false);
        return Level = alarm != Direction.None ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_mean);
        writer.Write(_average);
        _up.Save(ref writer);
        _down.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_count, _mean, _average) = (reader.Int64(), reader.Double(), reader.Double());
        (_up, _down) = (Climb.Load(ref reader), Climb.Load(ref reader));
    }

    private void Explain()
    {
        if (!_isExplained)
        {
            (_evidence, _isExplained) = (Climb.Explain(_up, _down, _alarm, _options.Direction, _options.Threshold, _mean, _count), true);
        }
    }
}
