using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="HddmA"/> can be told.</summary>
[Detector("hddm-a", DetectorInput.Shares, "a change of the mean against the best one seen; warns first", "Frías-Blanco et al., IEEE TKDE 27(3), 2015",
    Profiles = "moa: with direction both a fall begins a new concept but is not reported")]
public sealed record HddmAOptions : DetectorOptions
{
    /// <summary>HDDM watches for rises unless told otherwise.</summary>
    public HddmAOptions() => Direction = Direction.Up;

    /// <summary>Chance of a warning by accident, at each comparison (α_W).</summary>
    /// <value>Above 0, below 1, at least that of a drift. Default 0.005.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double WarningConfidence { get; init; } = 0.005;

    /// <summary>Chance of a drift by accident, at each comparison (α_D).</summary>
    /// <value>Above 0, below 1. Default 0.001.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double DriftConfidence { get; init; } = 0.001;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(DriftConfidence <= WarningConfidence, "driftConfidence", DriftConfidence, $"must be at most warningConfidence = {WarningConfidence}");
        return new HddmA(this);
    }
}

/// <summary>Hoeffding's drift detection method on averages: compares the mean of all values with that up to the best cut.</summary>
/// <remarks>
/// I. Frías-Blanco et al., Online and Non-Parametric Drift Detection Methods Based on Hoeffding's Bounds, IEEE TKDE 27(3), 2015, A-test
/// (Corollary 3), with ln(2/α) as in MOA and River. Values lie in [0, 1]. The cut for rises is where mean + bound was least, for falls where
/// mean − bound was greatest. The change is dated from the cut. Profile Moa: in both directions a fall begins a new concept silently.
/// </remarks>
public sealed class HddmA : IDriftDetector
{
    private const double RoundingRoom = 1e-14;
    private const double BoundRoom = 1e-9;

    private readonly Direction _direction;
    private readonly bool _silentFalls;
    private readonly double _driftLog;
    private readonly double _warningLog;
    private readonly double _cutLog;
    private long _count;
    private double _sum;
    private Cut _low;
    private Cut _high;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private bool _isRise;

    internal HddmA(HddmAOptions options)
    {
        (_direction, _silentFalls) = (options.Direction, options.Profile == Profile.Moa && options.Direction == Direction.Both);
        _driftLog = DeterministicMath.Log(2 / options.DriftConfidence);
        _warningLog = DeterministicMath.Log(2 / options.WarningConfidence);
        _cutLog = DeterministicMath.Log(1 / options.DriftConfidence);
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

        if (_silentFalls)
        {
            // a silent fall leaves the evidence as it was
            Explain();
        }

        if (Level == DriftLevel.Drift)
        {
            Reset();
        }

        _sum += value;
        _count++;
        _isExplained = false;
        return Level = IsQuiet() ? DriftLevel.Stable : Judge();
    }

    /// <summary>Whether surely neither cut moves and no bound is passed. Without divisions and roots, with more room for rounding errors than there are.</summary>
    private bool IsQuiet()
    {
        if (_count < 2)
        {
            return false;
        }

        double count = _count;
        var edges = _cutLog * count / 2 * (1 - BoundRoom);
        var (low, high) = (_low.Edge * count, _high.Edge * count);
        var toLow = low - _sum + (RoundingRoom * (Math.Abs(low) + Math.Abs(_sum)));
        var toHigh = _sum - high + (RoundingRoom * (Math.Abs(high) + Math.Abs(_sum)));
        return IsBelow(toLow, edges) && IsBelow(toHigh, edges)
            && ((_direction & Direction.Up) == 0 || IsQuietSince(_low, 1))
            && ((_direction & Direction.Down) == 0 || IsQuietSince(_high, -1));
    }

    private bool IsQuietSince(in Cut cut, int sign)
    {
        double count = _count;
        var (now, then) = (_sum * cut.Count, cut.Sum * count);
        var moved = (sign * (now - then)) + (RoundingRoom * (Math.Abs(now) + Math.Abs(then)));
        return IsBelow(moved, (count - cut.Count) * count * cut.Count / 2 * _warningLog * (1 - BoundRoom));
    }

    private static bool IsBelow(double moved, double squareOfBound) => moved < 0 || moved * moved < squareOfBound;

    private DriftLevel Judge()
    {
        var (mean, bound) = (_sum / _count, Math.Sqrt(_cutLog / (2 * (double)_count)));
        if (_low.Count == 0 || mean + bound <= _low.Edge)
        {
            _low = new Cut(_count, _sum, mean + bound);
        }

        if (_high.Count == 0 || mean - bound >= _high.Edge)
        {
            _high = new Cut(_count, _sum, mean - bound);
        }

        var rise = (_direction & Direction.Up) != 0 ? Judge(_low, mean - _low.Mean) : DriftLevel.Stable;
        var fall = rise < DriftLevel.Drift && (_direction & Direction.Down) != 0 ? Judge(_high, _high.Mean - mean) : DriftLevel.Stable;
        if (_silentFalls && fall == DriftLevel.Drift)
        {
            _isExplained = true;
            Reset();
            return DriftLevel.Stable;
        }

        _isRise = rise >= fall;
        return _isRise || (_silentFalls && fall == DriftLevel.Warning) ? rise : fall;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_sum);
        _low.Save(ref writer);
        _high.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_count, _sum) = (reader.Int64(), reader.Double());
        (_low, _high) = (Cut.Load(ref reader), Cut.Load(ref reader));
    }

    private void Reset() => (_count, _sum, _low, _high) = (0, 0, default, default);

    private double Bound(in Cut cut, double log) =>
        Math.Sqrt((double)(_count - cut.Count) / cut.Count * (1.0 / _count) / 2 * log);

    private DriftLevel Judge(in Cut cut, double difference) =>
        cut.Count == _count || !(difference >= Bound(cut, _warningLog)) ? DriftLevel.Stable
        : difference >= Bound(cut, _driftLog) ? DriftLevel.Drift
        : DriftLevel.Warning;

    private void Explain()
    {
        if (_isExplained)
        {
            return;
        }

        _isExplained = true;
        var (mean, level) = (_sum / _count, Level);
        var isUp = level > DriftLevel.Stable ? _isRise : _direction == Direction.Both ? mean - _low.Mean >= _high.Mean - mean : _direction == Direction.Up;
        var cut = isUp ? _low : _high;
        var age = _count - cut.Count;
        _evidence = new Evidence(
            Math.Abs(mean - cut.Mean), Bound(cut, _driftLog), cut.Mean, age > 0 ? (_sum - cut.Sum) / age : mean, _count,
            level > DriftLevel.Stable ? age : 0, level <= DriftLevel.Stable ? Direction.None : isUp ? Direction.Up : Direction.Down);
    }

    /// <summary>Count and sum of the values up to a place, and the edge of their confidence interval.</summary>
    private readonly record struct Cut(long Count, double Sum, double Edge)
    {
        public double Mean => Sum / Count;

        public static Cut Load(ref StateReader reader) => new(reader.Int64(), reader.Double(), reader.Double());

        public void Save(ref StateWriter writer)
        {
            writer.Write(Count);
            writer.Write(Sum);
            writer.Write(Edge);
        }
    }
}
