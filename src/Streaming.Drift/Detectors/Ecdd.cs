using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Ecdd"/> can be told.</summary>
[Detector("ecdd", DetectorInput.Errors, "newest error rate above that of all values; warns first", "Ross et al., Pattern Recognit. Lett. 33(2), 2012",
    Profiles = "moa: the control limit is used above an error rate of a half too, where it was never fitted")]
public sealed record EcddOptions : DetectorOptions
{
    /// <summary>ECDD reports rises of the error rate.</summary>
    public EcddOptions() => Direction = Direction.Up;

    /// <summary>Weight of the newest value (λ); the control limits were fitted for 0.2.</summary>
    /// <value>Above 0, at most 1. Default 0.2.</value>
    [Range(1e-9, 1), Unit("share")]
    public double Weight { get; init; } = 0.2;

    /// <summary>Values between false alarms for which the control limit was fitted.</summary>
    /// <value>100, 400 or 1000 values. Default 400.</value>
    [AllowedValues(100, 400, 1_000), Range(100, 1_000), Unit("values: 100, 400 or 1000")]
    public int RunLength { get; init; } = 400;

    /// <summary>Share of the control limit from which a warning is given.</summary>
    /// <value>Above 0, at most 1. Default 0.5.</value>
    [Range(1e-6, 1), Unit("share")]
    public double WarningShare { get; init; } = 0.5;

    /// <summary>Values before the first judgement.</summary>
    /// <value>2 to 1,000,000 values. Default 30.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 30;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(Direction == Direction.Up, "direction", Direction, "ECDD sees rises only, so it must be up");
        return new Ecdd(this);
    }
}

/// <summary>EWMA for concept drift detection: a moving error rate against that of all values, with limits for a wanted run length.</summary>
/// <remarks>
/// G. J. Ross, N. M. Adams, D. K. Tasoulis, D. J. Hand, Exponentially Weighted Moving Average Charts for Detecting Concept Drift, Pattern Recognition
/// Letters 33(2), 2012, with the polynomials of its Table 1 for λ = 0.2. These were fitted for error rates below a half and give longer run
/// lengths only roughly; profiles Default and River hold the rate at 0.5 in them, Moa does not. Values are 1 for wrong and 0 for right.
/// </remarks>
public sealed class Ecdd : IDriftDetector
{
    private readonly EcddOptions _options;
    private readonly double _highest;
    private long _count;
    private double _rate;
    private double _average;
    private double _faded = 1;
    private Suspicion _suspicion;
    private Evidence _evidence;

    internal Ecdd(EcddOptions options) => (_options, _highest) = (options, options.Profile == Profile.Moa ? double.MaxValue : 0.5);

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
            (_count, _rate, _average, _faded, _suspicion) = (0, 0, 0, 1, default);
        }

        var rateBefore = _rate;
        _rate += (value - _rate) / ++_count;
        var (weight, keep) = (_options.Weight, 1 - _options.Weight);
        _faded *= keep * keep;
        var deviation = Math.Sqrt(_rate * (1 - _rate) * weight / (2 - weight) * (1 - _faded));
        _average += weight * (value - _average);
        if (_count < _options.MinCount)
        {
            return Level = DriftLevel.Learning;
        }

        var limit = Limit(Math.Min(_rate, _highest)) * deviation;
        var level = _average > _rate + limit ? DriftLevel.Drift
            : _average > _rate + (_options.WarningShare * limit) ? DriftLevel.Warning
            : DriftLevel.Stable;
        _suspicion.Note(level >= DriftLevel.Warning, value, rateBefore);
        _evidence = _suspicion.Rise(_average, _rate + limit, _rate, _count);
        return Level = level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
        writer.Write(_rate);
        writer.Write(_average);
        writer.Write(_faded);
        _suspicion.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        (_count, _rate, _average, _faded) = (reader.Int64(), reader.Double(), reader.Double(), reader.Double());
        _suspicion = Suspicion.Load(ref reader);
    }

    private double Limit(double p)
    {
        var (p2, p3) = (p * p, p * p * p);
        var (p5, p7) = (p3 * p2, p3 * p2 * p2);
        return _options.RunLength switch
        {
            100 => 2.76 - (6.23 * p) + (18.12 * p3) - (312.45 * p5) + (1002.18 * p7),
            400 => 3.97 - (6.56 * p) + (48.73 * p3) - (330.13 * p5) + (848.18 * p7),
            _ => 1.17 + (7.56 * p) - (21.24 * p3) + (112.12 * p5) - (987.23 * p7),
        };
    }
}
