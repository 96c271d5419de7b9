using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Eddm"/> can be told.</summary>
[Detector("eddm", DetectorInput.Errors, "errors that follow each other sooner than at best; warns first", "Baena-García et al., IWKDDS 2006",
    Profiles = "river: sample instead of population variance")]
public sealed record EddmOptions : DetectorOptions
{
    /// <summary>EDDM reports rises of the error rate.</summary>
    public EddmOptions() => Direction = Direction.Up;

    /// <summary>Share of the best distance below which a warning is given (α).</summary>
    /// <value>Above 0, below 1. Default 0.95.</value>
    [Range(1e-6, 0.999999), Unit("share")]
    public double WarningLevel { get; init; } = 0.95;

    /// <summary>Share of the best distance below which a drift is reported (β).</summary>
    /// <value>Above 0, at most the warning level. Default 0.9.</value>
    [Range(1e-6, 0.999999), Unit("share")]
    public double DriftLevel { get; init; } = 0.9;

    /// <summary>Errors before the first judgement.</summary>
    /// <value>2 to 1,000,000 errors. Default 30.</value>
    [Range(2, 1_000_000), Unit("errors")]
    public int MinErrors { get; init; } = 30;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(Direction == Direction.Up, "direction", Direction, "EDDM sees rises only, so it must be up");
        Require(DriftLevel <= WarningLevel, "driftLevel", DriftLevel, $"must be at most warningLevel = {WarningLevel}");
        return new Eddm(this);
    }
}

/// <summary>Early drift detection method: reports when errors follow each other at shorter distances than at best.</summary>
/// <remarks>
/// M. Baena-García et al., Early Drift Detection Method, IWKDDS 2006: with mean p and standard deviation s of the distances between errors, p + 2 s
/// against the largest one seen. Values are 1 for wrong and 0 for right; anything above 0 counts as wrong. A value that is right changes no
/// level: only an error tells a distance. The first distance counts from the start of the concept. Profiles Default and Moa: population variance;
/// River: sample variance.
/// The largest p + 2 s is noted from value 30 of a concept on, in River from the one after it.
/// </remarks>
public sealed class Eddm : IDriftDetector
{
    private const int LeastValues = 30;

    private readonly EddmOptions _options;
    private readonly bool _river;
    private readonly int _noteFrom;
    private long _count;
    private long _lastError;
    private long _errors;
    private double _mean;
    private double _squares;
    private double _most;
    private Suspicion _suspicion;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private double _statistic;
    private double _threshold;

    internal Eddm(EddmOptions options)
    {
        (_options, _river) = (options, options.Profile == Profile.River);
        _noteFrom = _river ? LeastValues + 1 : LeastValues;
    }

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
            Reset();
        }

        var (errorsBefore, countBefore) = (_errors, _count++);
        if (value > 0)
        {
            Level = Judge(out _statistic, out _threshold);
        }

        var isSuspected = Level >= DriftLevel.Warning;
        _suspicion.Note(isSuspected, value, isSuspected && countBefore > 0 ? (double)errorsBefore / countBefore : 0);
        _isExplained = false;
        return Level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_lastError);
        writer.Write(_errors);
        writer.Write(_mean);
        writer.Write(_squares);
        writer.Write(_most);
        _suspicion.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_statistic, _threshold) = (_evidence.Statistic, _evidence.Threshold);
        (_count, _lastError, _errors) = (reader.Int64(), reader.Int64(), reader.Int64());
        (_mean, _squares, _most) = (reader.Double(), reader.Double(), reader.Double());
        _suspicion = Suspicion.Load(ref reader);
    }

    private void Reset()
    {
        (_count, _lastError, _errors, _mean, _squares, _most) = (0, 0, 0, 0, 0, 0);
        (_suspicion, _statistic, _threshold, Level) = (default, 0, 0, DriftLevel.Learning);
    }

    private void Explain()
    {
        if (!_isExplained)
        {
            (_evidence, _isExplained) = (_suspicion.Rise(_statistic, _threshold, (double)_errors / _count, _count), true);
        }
    }

    private DriftLevel Judge(out double statistic, out double threshold)
    {
        var distance = _count - _lastError;
        (_lastError, _errors) = (_count, _errors + 1);
        var meanBefore = _mean;
        _mean += (distance - meanBefore) / _errors;
        _squares += (distance - _mean) * (distance - meanBefore);
        var variance = _river ? (_errors > 1 ? _squares / (_errors - 1) : 0) : _squares / _errors;
        statistic = _mean + (2 * Math.Sqrt(variance));
        threshold = _options.DriftLevel * _most;
        if (_count < _noteFrom)
        {
            return DriftLevel.Learning;
        }

        if (statistic > _most)
        {
            (_most, threshold) = (statistic, _options.DriftLevel * statistic);
            return _errors <= _options.MinErrors ? DriftLevel.Learning : DriftLevel.Stable;
        }

        return _errors <= _options.MinErrors ? DriftLevel.Learning
            : statistic < threshold ? DriftLevel.Drift
            : statistic < _options.WarningLevel * _most ? DriftLevel.Warning
            : DriftLevel.Stable;
    }
}
