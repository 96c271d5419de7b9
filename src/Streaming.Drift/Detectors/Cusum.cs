using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Cusum"/> can be told.</summary>
[Detector("cusum", DetectorInput.Numbers, "a lasting rise or fall above the running mean", "Page, Biometrika 41, 1954")]
public sealed record CusumOptions : DetectorOptions
{
    /// <summary>CUSUM watches for rises unless told otherwise.</summary>
    public CusumOptions() => Direction = Direction.Up;

    /// <summary>Movement away from the mean that is tolerated before it counts (δ).</summary>
    /// <value>Unit of the input, at least 0. Default 0.005.</value>
    [Range(0, double.MaxValue), Unit("input")]
    public double Tolerance { get; init; } = 0.005;

    /// <summary>Sum of movements beyond which a change is reported (λ).</summary>
    /// <value>Unit of the input times values, above 0. Default 50.</value>
    [Range(double.Epsilon, double.MaxValue), Unit("input × values")]
    public double Threshold { get; init; } = 50;

    /// <summary>Values before the first judgement.</summary>
    /// <value>2 to 1,000,000 values. Default 30.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 30;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new Cusum(this);
    }
}

/// <summary>Cumulative sum over the running mean: reports a lasting rise or fall.</summary>
/// <remarks>
/// E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954, with the running mean in place of a known one. The sum of (x − mean − δ)
/// is held at zero; alarms are strict. The change is dated from where the sum last was zero. A fall is a rise of −x. Judges from value
/// <see cref="CusumOptions.MinCount"/> − 1 on, as MOA counts one ahead.
/// </remarks>
public sealed class Cusum : IDriftDetector
{
    private readonly CusumOptions _options;
    private long _count;
    private double _mean;
    private Climb _up;
    private Climb _down;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private Direction _alarm;

    internal Cusum(CusumOptions options) => _options = options;

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
            (_count, _mean, _up, _down) = (0, 0, default, default);
        }

        _mean += (value - _mean) / ++_count;
        var movement = value - _mean;
        var alarm = Direction.None;
        if ((_options.Direction & Direction.Up) != 0)
        {
            _up.Step(Math.Max(0, _up.Sum + movement - _options.Tolerance), _mean);
            alarm |= _up.Sum > _options.Threshold ? Direction.Up : Direction.None;
        }

        if ((_options.Direction & Direction.Down) != 0)
        {
            _down.Step(Math.Max(0, _down.Sum - movement - _options.Tolerance), _mean);
            alarm |= _down.Sum > _options.Threshold ? Direction.Down : Direction.None;
        }

        if (_count < _options.MinCount - 1)
        {
            return Level = DriftLevel.Learning;
        }

        (_alarm, _isExplained) = (alarm, false);
        return Level = alarm != Direction.None ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_mean);
        _up.Save(ref writer);
        _down.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_count, _mean) = (reader.Int64(), reader.Double());
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
