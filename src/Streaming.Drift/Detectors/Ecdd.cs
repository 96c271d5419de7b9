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
/// Letters 33(2), 2012. The control limit for a run length of 400 is the paper's polynomial (Table 1), as in MOA; those for 100 and 1000 were
/// simulated for this library, with a known rate and λ = 0.2. A rate learnt from few values makes runs shorter. The limits hold up to an error rate
/// of a half: profiles Default and River use that of a half above it, Moa the polynomial. Values are 1 for wrong and 0 for right.
/// </remarks>
public sealed class Ecdd : IDriftDetector
{
    private static readonly double[] Rates = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5];
    private static readonly double[] LimitsOf100 = [3.858, 3.858, 2.967, 2.734, 2.403, 2.240, 2.091, 1.949];
    private static readonly double[] LimitsOf1000 = [6.147, 6.051, 4.732, 4.095, 3.487, 3.108, 2.802, 2.521];

    private readonly EcddOptions _options;
    private readonly double _highest;
    private long _count;
    private double _rate;
    private double _average;
    private double _faded = 1;
    private Suspicion _suspicion;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private double _threshold;

    internal Ecdd(EcddOptions options) => (_options, _highest) = (options, options.Profile == Profile.Moa ? double.MaxValue : 0.5);

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
        (_threshold, _isExplained) = (_rate + limit, false);
        return Level = level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_rate);
        writer.Write(_average);
        writer.Write(_faded);
        _suspicion.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_count, _rate, _average, _faded) = (reader.Int64(), reader.Double(), reader.Double(), reader.Double());
        _suspicion = Suspicion.Load(ref reader);
    }

    private void Explain()
    {
        if (!_isExplained)
        {
            (_evidence, _isExplained) = (_suspicion.Rise(_average, _threshold, _rate, _count), true);
        }
    }

    private double Limit(double p)
    {
        if (_options.RunLength == 400)
        {
            var p3 = p * p * p;
            return 3.97 - (6.56 * p) + (48.73 * p3) - (330.13 * p3 * (p * p)) + (848.18 * p3 * p3 * p);
        }

        var limits = _options.RunLength == 100 ? LimitsOf100 : LimitsOf1000;
        var i = 1;
        while (i < Rates.Length - 1 && p > Rates[i])
        {
            i++;
        }

        var share = Math.Clamp((p - Rates[i - 1]) / (Rates[i] - Rates[i - 1]), 0, 1);
        return limits[i - 1] + (share * (limits[i] - limits[i - 1]));
    }
}
