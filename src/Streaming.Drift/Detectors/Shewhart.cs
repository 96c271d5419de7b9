using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Shewhart"/> can be told.</summary>
[Detector("shewhart", DetectorInput.Numbers, "a large rise or fall of a group's mean against a frozen baseline; warns first", "Shewhart, Economic Control of Quality, 1931")]
public sealed record ShewhartOptions : DetectorOptions
{
    /// <summary>Values that are judged together by their mean; 1 judges each value.</summary>
    /// <value>1 to 1,000,000 values. Default 20.</value>
    [Range(1, 1_000_000), Unit("values")]
    public int Group { get; init; } = 20;

    /// <summary>Standard deviations of a group's mean that make a warning.</summary>
    /// <value>0.1 to 100. Default 3.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double WarningLevel { get; init; } = 3;

    /// <summary>Standard deviations of a group's mean that make a drift (k).</summary>
    /// <value>0.1 to 100, at least the warning level. Default 4 (textbooks: 3, an alarm each 370 normal groups).</value>
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
        return new Shewhart(this);
    }
}

/// <summary>Shewhart's chart of group means against a frozen baseline.</summary>
/// <remarks>
/// W. A. Shewhart, Economic Control of Quality of Manufactured Product, 1931: |mean of g values − μ| > k σ √(1/g + 1/n). The last term, the
/// uncertainty of a baseline of n values, is ours. As long as the baseline's values are all equal it goes on learning. Between the ends of
/// groups the level stands, a drift as stable. The change is dated from the group's first value.
/// </remarks>
public sealed class Shewhart : IDriftDetector
{
    private readonly ShewhartOptions _options;
    private Baseline _baseline;
    private long _count;
    private int _inGroup;
    private double _sum;
    private Evidence _evidence;

    internal Shewhart(ShewhartOptions options) => _options = options;

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
            (_baseline, _count) = (default, 0);
        }

        _count++;
        if (_baseline.Learn(value, _options.MinCount))
        {
            return Level = DriftLevel.Learning;
        }

        _sum += value - _baseline.Mean;
        if (++_inGroup < _options.Group)
        {
            return Level = Level == DriftLevel.Warning ? DriftLevel.Warning : DriftLevel.Stable;
        }

        var movement = _sum / _inGroup;
        (_inGroup, _sum) = (0, 0);
        var way = movement > 0 ? Direction.Up : Direction.Down;
        var unit = _baseline.Deviation * Math.Sqrt((1.0 / _options.Group) + (1.0 / _baseline.Count));
        var statistic = Math.Abs(movement);
        Level = (way & _options.Direction) == 0 ? DriftLevel.Stable
            : statistic > _options.DriftLevel * unit ? DriftLevel.Drift
            : statistic > _options.WarningLevel * unit ? DriftLevel.Warning
            : DriftLevel.Stable;
        _evidence = new Evidence(
            statistic, _options.DriftLevel * unit, _baseline.Mean, _baseline.Mean + movement, _count,
            Level > DriftLevel.Stable ? _options.Group : 0, Level > DriftLevel.Stable ? way : Direction.None);
        return Level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        _baseline.Save(ref writer);
        writer.Write(_count);
        writer.Write(_inGroup);
        writer.Write(_sum);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _baseline = Baseline.Load(ref reader);
        (_count, _inGroup, _sum) = (reader.Int64(), reader.Int32(), reader.Double());
    }
}
