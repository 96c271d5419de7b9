using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Ewma"/> can be told.</summary>
[Detector("ewma", DetectorInput.Numbers, "a small lasting rise or fall against a frozen baseline; warns first", "Roberts, Technometrics 1(3), 1959")]
public sealed record EwmaOptions : DetectorOptions
{
    /// <summary>Weight of the newest value (λ).</summary>
    /// <value>Above 0, at most 1. Default 0.1.</value>
    [Range(1e-9, 1), Unit("share")]
    public double Weight { get; init; } = 0.1;

    /// <summary>Standard deviations of the average that make a warning.</summary>
    /// <value>0.1 to 100. Default 3.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double WarningLevel { get; init; } = 3;

    /// <summary>Standard deviations of the average that make a drift (L).</summary>
    /// <value>0.1 to 100, at least the warning level. Default 4.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double DriftLevel { get; init; } = 4;

    /// <summary>Values of the baseline.</summary>
    /// <value>2 to 1,000,000 values. Default 100.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 100;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(DriftLevel >= WarningLevel, "driftLevel", DriftLevel, $"must be at least warningLevel = {WarningLevel}");
        return new Ewma(this);
    }
}

/// <summary>Exponentially weighted moving average chart against a frozen baseline.</summary>
/// <remarks>
/// S. W. Roberts, Control Chart Tests Based on Geometric Moving Averages, Technometrics 1(3), 1959: z = λ x + (1 − λ) z from the baseline's mean, with
/// limits L σ √(λ/(2 − λ) (1 − (1 − λ)²ᵗ) + 1/n). The last term, the uncertainty of a baseline of n values, is ours: without it a short baseline
/// alarms by itself. As long as the baseline's values are all equal it goes on learning. The change is dated from where z last crossed the mean.
/// </remarks>
public sealed class Ewma : IDriftDetector
{
    private readonly EwmaOptions _options;
    private Baseline _baseline;
    private long _count;
    private double _average;
    private double _faded;
    private bool _isAbove;
    private Excursion _excursion;
    private Evidence _evidence;

    internal Ewma(EwmaOptions options) => _options = options;

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
            (_baseline, _count, _excursion) = (default, 0, default);
        }

        _count++;
        if (_baseline.Learn(value, _options.MinCount))
        {
            (_average, _faded) = (0, 1);
            return Level = DriftLevel.Learning;
        }

        // the average of the movements, so that negated values give exactly the negated average
        var keep = 1 - _options.Weight;
        _average = (_options.Weight * (value - _baseline.Mean)) + (keep * _average);
        _faded *= keep * keep;
        var above = _average > 0;
        _excursion.Step(_excursion.Age > 0 && above == _isAbove, value);
        if (_excursion.Age == 0)
        {
            _excursion.Step(away: true, value);
        }

        _isAbove = above;
        var way = above ? Direction.Up : Direction.Down;
        var unit = _baseline.Deviation * Math.Sqrt((_options.Weight / (2 - _options.Weight) * (1 - _faded)) + (1.0 / _baseline.Count));
        var statistic = Math.Abs(_average);
        _evidence = _excursion.Explain(statistic, _options.DriftLevel * unit, _baseline.Mean, _count, way);
        return Level = (way & _options.Direction) == 0 ? DriftLevel.Stable
            : statistic > _options.DriftLevel * unit ? DriftLevel.Drift
            : statistic > _options.WarningLevel * unit ? DriftLevel.Warning
            : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        _baseline.Save(ref writer);
        writer.Write(_count);
        writer.Write(_average);
        writer.Write(_faded);
        writer.Write(_isAbove);
        _excursion.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _baseline = Baseline.Load(ref reader);
        (_count, _average, _faded, _isAbove) = (reader.Int64(), reader.Double(), reader.Double(), reader.Bool());
        _excursion = Excursion.Load(ref reader);
    }
}
