using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="HddmW"/> can be told.</summary>
[Detector("hddm-w", DetectorInput.Shares, "a change of the weighted mean, the newest values weighing most; warns first", "Frías-Blanco et al., IEEE TKDE 27(3), 2015",
    Profiles = "moa: with direction both a fall begins a new concept but is not reported")]
public sealed record HddmWOptions : DetectorOptions
{
    /// <summary>HDDM watches for rises unless told otherwise.</summary>
    public HddmWOptions() => Direction = Direction.Up;

    /// <summary>Weight of the newest value (λ).</summary>
    /// <value>Above 0, at most 1. Default 0.05.</value>
    [Range(1e-9, 1), Unit("share")]
    public double Weight { get; init; } = 0.05;

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
        return new HddmW(this);
    }
}

/// <summary>Hoeffding's drift detection method on weighted averages: compares the values since the best cut with those up to it.</summary>
/// <remarks>
/// I. Frías-Blanco et al., Online and Non-Parametric Drift Detection Methods Based on Hoeffding's Bounds, IEEE TKDE 27(3), 2015, W-test
/// (McDiarmid's bound, Corollary 6). Values lie in [0, 1]. All sums belong to one detector (in MOA 2024.07.0 every instance shares them).
/// The change is dated from the cut. Profile Moa: in both directions a fall begins a new concept silently.
/// </remarks>
public sealed class HddmW : IDriftDetector
{
    private const double BoundRoom = 1e-9;

    private readonly Direction _direction;
    private readonly bool _silentFalls;
    private readonly double _weight;
    private readonly double _driftLog;
    private readonly double _warningLog;
    private long _count;
    private Average _all;
    private Side _rise;
    private Side _fall;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private bool _isRise;

    // the sum of squared weights soon stands still, and with it this root
    private double _rootOf = double.NaN;
    private double _root;

    internal HddmW(HddmWOptions options)
    {
        (_direction, _weight) = (options.Direction, options.Weight);
        _silentFalls = options.Profile == Profile.Moa && options.Direction == Direction.Both;
        _driftLog = DeterministicMath.Log(1 / options.DriftConfidence);
        _warningLog = DeterministicMath.Log(1 / options.WarningConfidence);
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

        _count++;
        _isExplained = false;
        _all.Add(value, _weight);
        if (_all.Squares != _rootOf)
        {
            (_rootOf, _root) = (_all.Squares, Math.Sqrt(_all.Squares * _driftLog / 2));
        }

        Step(ref _rise, _all.Mean + _root, value);
        Step(ref _fall, _root - _all.Mean, value);
        var rise = (_direction & Direction.Up) != 0 ? Judge(_rise, _rise.Since.Mean - _rise.UpTo.Mean) : DriftLevel.Stable;
        var fall = rise < DriftLevel.Drift && (_direction & Direction.Down) != 0 ? Judge(_fall, _fall.UpTo.Mean - _fall.Since.Mean) : DriftLevel.Stable;
        if (_silentFalls && fall == DriftLevel.Drift)
        {
            _isExplained = true;
            Reset();
            return Level = DriftLevel.Stable;
        }

        _isRise = rise >= fall;
        return Level = _isRise || (_silentFalls && fall == DriftLevel.Warning) ? rise : fall;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        _all.Save(ref writer);
        _rise.Save(ref writer);
        _fall.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        _count = reader.Int64();
        (_all, _rise, _fall) = (Average.Load(ref reader), Side.Load(ref reader), Side.Load(ref reader));
    }

    private void Reset() => (_count, _all, _rise, _fall) = (0, default, default, default);

    /// <summary>Moves the cut here where the edge of the confidence interval is the best so far, else adds to what came since.</summary>
    private void Step(ref Side side, double edge, double value)
    {
        if (_count == 1 || edge < side.Edge)
        {
            (side.Edge, side.UpTo, side.Since, side.Age) = (edge, _all, default, 0);
            return;
        }

        side.Since.Add(value, _weight);
        side.Age++;
    }

    private static double Bound(in Side side, double log) => Math.Sqrt((side.UpTo.Squares + side.Since.Squares) * log / 2);

    // most differences pass no bound, which their squares tell without a root, with more room for rounding errors than there are
    private DriftLevel Judge(in Side side, double difference) =>
        side.Age == 0 || difference <= 0 || difference * difference < (side.UpTo.Squares + side.Since.Squares) * _warningLog / 2 * (1 - BoundRoom) ? DriftLevel.Stable
        : !(difference > Bound(side, _warningLog)) ? DriftLevel.Stable
        : difference > Bound(side, _driftLog) ? DriftLevel.Drift
        : DriftLevel.Warning;

    private void Explain()
    {
        if (_isExplained)
        {
            return;
        }

        _isExplained = true;
        var level = Level;
        var isUp = level > DriftLevel.Stable ? _isRise : _direction != Direction.Down;
        var side = isUp ? _rise : _fall;
        var after = side.Age > 0 ? side.Since.Mean : _all.Mean;
        _evidence = new Evidence(
            Math.Abs(after - side.UpTo.Mean), Bound(side, _driftLog), side.UpTo.Mean, after, _count,
            level > DriftLevel.Stable ? side.Age : 0, level <= DriftLevel.Stable ? Direction.None : isUp ? Direction.Up : Direction.Down);
    }

    /// <summary>Exponentially weighted mean, and the sum of its squared weights; without values so far where that is 0.</summary>
    private struct Average(double mean, double squares)
    {
        public double Mean = mean;
        public double Squares = squares;

        public void Add(double value, double weight)
        {
            var keep = 1 - weight;
            (Mean, Squares) = Squares == 0 ? (value, 1) : ((weight * value) + (keep * Mean), (weight * weight) + (keep * keep * Squares));
        }

        public static Average Load(ref StateReader reader) => new(reader.Double(), reader.Double());

        public readonly void Save(ref StateWriter writer)
        {
            writer.Write(Mean);
            writer.Write(Squares);
        }
    }

    /// <summary>One direction: the best edge so far, all values up to it, those since, and how many these are.</summary>
    private struct Side
    {
        public double Edge;
        public Average UpTo;
        public Average Since;
        public long Age;

        public static Side Load(ref StateReader reader) =>
            new() { Edge = reader.Double(), UpTo = Average.Load(ref reader), Since = Average.Load(ref reader), Age = reader.Int64() };

        public readonly void Save(ref StateWriter writer)
        {
            writer.Write(Edge);
            UpTo.Save(ref writer);
            Since.Save(ref writer);
            writer.Write(Age);
        }
    }
}
