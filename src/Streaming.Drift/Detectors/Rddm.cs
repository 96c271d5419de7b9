using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Rddm"/> can be told.</summary>
[Detector("rddm", DetectorInput.Errors, "a rise above the best error rate of the newest concept; warns first", "Barros et al., Expert Syst. Appl. 90, 2017")]
public sealed record RddmOptions : DetectorOptions
{
    /// <summary>RDDM reports rises of the error rate.</summary>
    public RddmOptions() => Direction = Direction.Up;

    /// <summary>Values before the first judgement (n).</summary>
    /// <value>2 to 1,000,000 values. Default 129.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 129;

    /// <summary>Standard deviations above the best error rate that make a warning (α_w).</summary>
    /// <value>0.1 to 100. Default 1.773.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double WarningLevel { get; init; } = 1.773;

    /// <summary>Standard deviations above the best error rate that make a drift (α_d).</summary>
    /// <value>0.1 to 100, at least the warning level. Default 2.258.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double DriftLevel { get; init; } = 2.258;

    /// <summary>Values after which a concept is begun anew from the newest ones, without a report (max).</summary>
    /// <value>2 to 1,000,000,000 values. Default 40,000.</value>
    [Range(2, 1_000_000_000), Unit("values")]
    public int MaxConcept { get; init; } = 40_000;

    /// <summary>Newest values kept, from which a concept is begun anew (min).</summary>
    /// <value>2 to 1,000,000 values. Default 7,000.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int Kept { get; init; } = 7_000;

    /// <summary>Values that a warning may last; then it is a drift (warnLimit).</summary>
    /// <value>1 to 1,000,000,000 values. Default 1,400.</value>
    [Range(1, 1_000_000_000), Unit("values")]
    public int WarningLimit { get; init; } = 1_400;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(Direction == Direction.Up, "direction", Direction, "RDDM sees rises only, so it must be up");
        Require(DriftLevel >= WarningLevel, "driftLevel", DriftLevel, $"must be at least warningLevel = {WarningLevel}");
        return new Rddm(this);
    }
}

/// <summary>Reactive drift detection method: DDM that forgets old values of long concepts and does not let a warning stand for ever.</summary>
/// <remarks>
/// R. Barros, D. Cabral, P. Gonçalves, S. Santos, RDDM: Reactive drift detection method, Expert Systems with Applications 90, 2017, Algorithm 1.
/// A concept that grows too old is begun anew from the newest values and nothing is reported (some implementations report a drift there). After a
/// drift the values since its warning begin the next concept. Values that make the standard deviation no number raise nothing.
/// </remarks>
public sealed class Rddm : IDriftDetector
{
    private readonly RddmOptions _options;
    private readonly SlidingWindow _kept;
    private long _count;
    private double _rate;
    private double _leastRate;
    private double _leastDeviation;
    private bool _rebuild;
    private long _sinceWarning;
    private Suspicion _suspicion;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private double _upper;
    private double _threshold;

    internal Rddm(RddmOptions options)
    {
        (_options, _kept) = (options, new SlidingWindow(options.Kept));
        Forget();
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

        if (_rebuild)
        {
            Explain();
            BeginAnew();
        }

        _kept.Add(value);
        var rateBefore = _rate;
        var deviation = Add(value);
        var upper = _rate + deviation;
        if (_count < _options.MinCount)
        {
            return Level = DriftLevel.Learning;
        }

        if (upper < _leastRate + _leastDeviation)
        {
            (_leastRate, _leastDeviation) = (_rate, deviation);
        }

        var threshold = _leastRate + (_options.DriftLevel * _leastDeviation);
        var level = upper > threshold ? DriftLevel.Drift
            : upper > _leastRate + (_options.WarningLevel * _leastDeviation) ? DriftLevel.Warning
            : DriftLevel.Stable;
        var tooLong = level == DriftLevel.Warning && _sinceWarning >= _options.WarningLimit;
        level = tooLong ? DriftLevel.Drift : level;
        _suspicion.Note(level >= DriftLevel.Warning, value, rateBefore);
        (_upper, _threshold, _isExplained) = (upper, threshold, false);
        _rebuild = level == DriftLevel.Drift || (level == DriftLevel.Stable && _count >= _options.MaxConcept);
        if (level == DriftLevel.Drift)
        {
            // after a warning that lasted too long only the newest value is sure to be of the new concept
            _sinceWarning = tooLong ? 1 : Math.Max(1, _suspicion.Age);
        }
        else
        {
            _sinceWarning = _suspicion.Age;
        }

        return Level = level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_rate);
        writer.Write(_leastRate);
        writer.Write(_leastDeviation);
        writer.Write(_rebuild);
        writer.Write(_sinceWarning);
        _suspicion.Save(ref writer);
        _kept.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_count, _rate, _leastRate, _leastDeviation) = (reader.Int64(), reader.Double(), reader.Double(), reader.Double());
        (_rebuild, _sinceWarning) = (reader.Bool(), reader.Int64());
        _suspicion = Suspicion.Load(ref reader);
        _kept.Load(ref reader);
    }

    /// <summary>Takes a value; returns the standard deviation of the rate.</summary>
    private double Add(double value)
    {
        _rate += (value - _rate) / ++_count;
        return Math.Sqrt(_rate * (1 - _rate) / _count);
    }

    private void Explain()
    {
        if (!_isExplained)
        {
            (_evidence, _isExplained) = (_suspicion.Rise(_upper, _threshold, _rate, _count), true);
        }
    }

    private void Forget()
    {
        (_count, _rate, _rebuild, _sinceWarning, _suspicion) = (0, 0, false, 0, default);
        (_leastRate, _leastDeviation) = (double.MaxValue, double.MaxValue);
    }

    /// <summary>The values that stay are fed again: those since the warning after a drift, all that are kept where the concept had grown too old.</summary>
    private void BeginAnew()
    {
        var drift = Level == DriftLevel.Drift;
        var stay = drift ? (int)Math.Min(_sinceWarning, _kept.Count) : _kept.Count;
        Forget();
        foreach (var value in _kept.Values[^stay..])
        {
            var deviation = Add(value);
            if (drift && _count > _options.MinCount && _rate + deviation < _leastRate + _leastDeviation)
            {
                (_leastRate, _leastDeviation) = (_rate, deviation);
            }
        }

        if (drift)
        {
            _kept.KeepNewest(stay);
        }
    }
}
