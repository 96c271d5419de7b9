using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>Options of <see cref="Control"/> that reports a drift at every value.</summary>
[Detector("always", DetectorInput.Numbers, "nothing: a control that reports a drift at every value", "–")]
public sealed record AlwaysOptions : DetectorOptions
{
    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new Control(1);
    }
}

/// <summary>Options of <see cref="Control"/> that never reports anything.</summary>
[Detector("never", DetectorInput.Numbers, "nothing: a control that never reports anything", "–")]
public sealed record NeverOptions : DetectorOptions
{
    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new Control(0);
    }
}

/// <summary>Options of <see cref="Control"/> that reports a drift at even distances.</summary>
[Detector("periodic", DetectorInput.Numbers, "nothing: a control that reports a drift at even distances", "–")]
public sealed record PeriodicOptions : DetectorOptions
{
    /// <summary>Values from one drift to the next.</summary>
    /// <value>1 to 2,147,483,647 values. Default 1000.</value>
    [Range(1, int.MaxValue), Unit("values")]
    public int Period { get; init; } = 1_000;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new Control(Period);
    }
}

/// <summary>A detector that does not look at its values: what a real one must be better than.</summary>
public sealed class Control : IDriftDetector
{
    private readonly int _period;
    private long _count;
    private Evidence _evidence;

    internal Control(int period) => _period = period;

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

        _count++;
        _evidence = new Evidence(_count, _period, 0, 0, _count, 0, Direction.None);
        if (_period == 0 || _count < _period)
        {
            return Level = DriftLevel.Stable;
        }

        _count = 0;
        return Level = DriftLevel.Drift;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _count = reader.Int64();
    }
}
