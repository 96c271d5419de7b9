using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Ddm"/> can be told.</summary>
[Detector("ddm", DetectorInput.Errors, "a rise above the best error rate; warns first", "Gama et al., SBIA 2004", Profiles = "river: judges from one value later")]
public sealed record DdmOptions : DetectorOptions
{
    /// <summary>DDM reports rises of the error rate.</summary>
    public DdmOptions() => Direction = Direction.Up;

    /// <summary>Values before the first judgement.</summary>
    /// <value>2 to 1,000,000 values. Default 30.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 30;

    /// <summary>Standard deviations above the best error rate that make a warning.</summary>
    /// <value>0.1 to 100. Default 2.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double WarningLevel { get; init; } = 2;

    /// <summary>Standard deviations above the best error rate that make a drift.</summary>
    /// <value>0.1 to 100, at least the warning level. Default 3.</value>
    [Range(0.1, 100), Unit("standard deviations")]
    public double DriftLevel { get; init; } = 3;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(Direction == Direction.Up, "direction", Direction, "DDM sees rises only, so it must be up");
        Require(DriftLevel >= WarningLevel, "driftLevel", DriftLevel, $"must be at least warningLevel = {WarningLevel}");
        return new Ddm(this);
    }
}

/// <summary>Drift detection method: reports when an error rate rises above the best one seen.</summary>
/// <remarks>
/// J. Gama, P. Medas, G. Castillo, P. Rodrigues, Learning with Drift Detection, SBIA 2004. Values are 1 for wrong and 0 for right. All comparisons
/// with the levels are strict. Profiles Default and Moa judge from value <see cref="DdmOptions.MinCount"/> on, River from the one after it.
/// Values beyond [0, 1], where the standard deviation is no number, raise nothing.
/// </remarks>
public sealed class Ddm : IDriftDetector
{
    private readonly double _warningLevel;
    private readonly double _driftLevel;
    private readonly int _noteFrom;
    private readonly int _judgeFrom;
    private readonly bool _notesEqual;
    private long _count;
    private double _rate;
    private double _leastRate;
    private double _leastDeviation;
    private double _least;
    private double _beforeWarning;
    private long _warningAge;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private double _upper;

    internal Ddm(DdmOptions options)
    {
        (_warningLevel, _driftLevel) = (options.WarningLevel, options.DriftLevel);

        // MOA counts one ahead, so its least rate is noted a value before it is judged; River does both after its warm-up
        var river = options.Profile == Profile.River;
        (_noteFrom, _judgeFrom, _notesEqual) = river ? (options.MinCount + 1, options.MinCount + 1, false) : (options.MinCount - 1, options.MinCount, true);
        Reset();
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
            Explain();
            Reset();
        }

        var rateBefore = _rate;
        _rate += (value - _rate) / ++_count;
        var deviation = Math.Sqrt(_rate * (1 - _rate) / _count);
        if (_count < _noteFrom)
        {
            return Level = DriftLevel.Learning;
        }

        var upper = _rate + deviation;
        if (_notesEqual ? upper <= _least : upper < _least)
        {
            (_leastRate, _leastDeviation, _least) = (_rate, deviation, upper);
        }

        var level = _count >= _judgeFrom && upper > _leastRate + (_driftLevel * _leastDeviation) ? DriftLevel.Drift
            : upper > _leastRate + (_warningLevel * _leastDeviation) ? DriftLevel.Warning
            : DriftLevel.Stable;
        if (level == DriftLevel.Stable)
        {
            _warningAge = 0;
        }
        else if (_warningAge++ == 0)
        {
            _beforeWarning = rateBefore;
        }

        (_upper, _isExplained) = (upper, false);
        return Level = level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        writer.Write(_count);
        writer.Write(_rate);
        writer.Write(_leastRate);
        writer.Write(_leastDeviation);
        writer.Write(_least);
        writer.Write(_beforeWarning);
        writer.Write(_warningAge);
        Evidence.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Level, _count, _rate) = ((DriftLevel)reader.Byte((byte)DriftLevel.Drift), reader.Int64(), reader.Double());
        (_leastRate, _leastDeviation, _least) = (reader.Double(), reader.Double(), reader.Double());
        (_beforeWarning, _warningAge) = (reader.Double(), reader.Int64());
        (_evidence, _isExplained) = (Drift.Evidence.Load(ref reader), true);
    }

    private void Reset()
    {
        (_count, _rate, _warningAge, _beforeWarning) = (0, 0, 0, 0);
        (_leastRate, _leastDeviation, _least) = (double.MaxValue, double.MaxValue, double.MaxValue);
        Level = DriftLevel.Learning;
    }

    /// <summary>The change is as old as the warning that led to it.</summary>
    private void Explain()
    {
        if (_isExplained)
        {
            return;
        }

        _isExplained = true;

        // mean of the values since the warning, from the means of all and of those before it
        var after = _warningAge > 0 ? _rate + ((_rate - _beforeWarning) * ((double)(_count - _warningAge) / _warningAge)) : _rate;
        var threshold = _leastRate + (_driftLevel * _leastDeviation);
        _evidence = new Evidence(
            _upper, threshold, _warningAge > 0 ? _beforeWarning : _rate, after, _count, _warningAge, _warningAge > 0 ? Direction.Up : Direction.None);
    }
}
