using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="CusumTabular"/> can be told.</summary>
[Detector("cusum-tabular", DetectorInput.Numbers, "a lasting rise or fall against a frozen baseline, in standard deviations; warns first", "Page, Biometrika 41, 1954")]
public sealed record CusumTabularOptions : DetectorOptions
{
    /// <summary>Movement that is tolerated (k): half the shift that matters most.</summary>
    /// <value>0 to 100 standard deviations. Default 0.5.</value>
    [Range(0, 100.0), Unit("standard deviations")]
    public double Slack { get; init; } = 0.5;

    /// <summary>Sum of movements beyond which a change is reported (h).</summary>
    /// <value>0.1 to 1,000,000 standard deviations times values. Default 15 (textbooks: 5, an alarm each 465 normal values).</value>
    [Range(0.1, 1_000_000), Unit("standard deviations × values")]
    public double Threshold { get; init; } = 15;

    /// <summary>Share of the threshold from which a warning is given.</summary>
    /// <value>0.01 to 1. Default 0.67.</value>
    [Range(0.01, 1), Unit("share")]
    public double WarningShare { get; init; } = 0.67;

    /// <summary>Values of the baseline.</summary>
    /// <value>2 to 1,000,000 values. Default 100.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 100;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new CusumTabular(this);
    }
}

/// <summary>Tabular cumulative sum: standardised movements away from a frozen baseline.</summary>
/// <remarks>
/// E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954, in the two-sided tabular form of D. C. Montgomery, Introduction to Statistical
/// Quality Control, section 9.1: C⁺ = max(0, C⁺ + (x − μ)/σ − k), and the same of −x. μ and σ are those of the first values of the concept;
/// as long as these are all equal it goes on learning. The change is dated from where the sum last was zero.
/// </remarks>
public sealed class CusumTabular : IDriftDetector
{
    private readonly CusumTabularOptions _options;
    private Baseline _baseline;
    private long _count;
    private double _up;
    private double _down;
    private Excursion _above;
    private Excursion _below;
    private Evidence _evidence;

    internal CusumTabular(CusumTabularOptions options) => _options = options;

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
            (_baseline, _count, _up, _down, _above, _below) = (default, 0, 0, 0, default, default);
        }

        _count++;
        if (_baseline.Learn(value, _options.MinCount))
        {
            return Level = DriftLevel.Learning;
        }

        var movement = (value - _baseline.Mean) / _baseline.Deviation;
        _up = (_options.Direction & Direction.Up) != 0 ? Math.Max(0, _up + movement - _options.Slack) : 0;
        _down = (_options.Direction & Direction.Down) != 0 ? Math.Max(0, _down - movement - _options.Slack) : 0;
        _above.Step(_up > 0, value);
        _below.Step(_down > 0, value);
        var most = Math.Max(_up, _down);
        _evidence = _up >= _down
            ? _above.Explain(_up, _options.Threshold, _baseline.Mean, _count, Direction.Up)
            : _below.Explain(_down, _options.Threshold, _baseline.Mean, _count, Direction.Down);
        return Level = most > _options.Threshold ? DriftLevel.Drift
            : most > _options.WarningShare * _options.Threshold ? DriftLevel.Warning
            : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        _baseline.Save(ref writer);
        writer.Write(_count);
        writer.Write(_up);
        writer.Write(_down);
        _above.Save(ref writer);
        _below.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _baseline = Baseline.Load(ref reader);
        (_count, _up, _down) = (reader.Int64(), reader.Double(), reader.Double());
        (_above, _below) = (Excursion.Load(ref reader), Excursion.Load(ref reader));
    }
}
