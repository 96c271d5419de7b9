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
            Reset();
        }

        _count++;
        _all = _all.Add(value, _weight);
        var bound = Math.Sqrt(_all.Squares * _driftLog / 2);
        Step(ref _rise, _all.Mean + bound, value);
        Step(ref _fall, bound - _all.Mean, value);
        var rise = (_direction & Direction.Up) != 0 ? Judge(_rise, _rise.Since.Mean - _rise.UpTo.Mean) : DriftLevel.Stable;
        var fall = rise < DriftLevel.Drift && (_direction & Direction.Down) != 0 ? Judge(_fall, _fall.UpTo.Mean - _fall.Since.Mean) : DriftLevel.Stable;
        if (_silentFalls && fall == DriftLevel.Drift)
        {
            Reset();
            return Level = DriftLevel.Stable;
        }

        var level = rise >= fall || (_silentFalls && fall == DriftLevel.Warning) ? rise : fall;
        Explain(level, rise >= fall);
        return Level = level;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
        _all.Save(ref writer);
        _rise.Save(ref writer);
        _fall.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _count = reader.Int64();
        (_all, _rise, _fall) = (Average.Load(ref reader), Side.Load(ref reader), Side.Load(ref reader));
    }

    private void Reset() => (_count, _all, _rise, _fall) = (0, default, default, default);

    /// <summary>Moves the cut here where the edge of the confidence interval is the best so far, else adds to what came since.</summary>
    private void Step(ref Side side, double edge, double value) => side = _count == 1 || edge < side.Edge
        ? new Side(edge, _all, default, 0)
        : side with { Since = side.Since.Add(value, _weight), Age = side.Age + 1 };

    private static double Bound(in Side side, double log) => Math.Sqrt((side.UpTo.Squares + side.Since.Squares) * log / 2);

    private DriftLevel Judge(in Side side, double difference) =>
        side.Age == 0 || !(difference > Bound(side, _warningLog)) ? DriftLevel.Stable
        : difference > Bound(side, _driftLog) ? DriftLevel.Drift
        : DriftLevel.Warning;

    private void Explain(DriftLevel level, bool rise)
    {
        var isUp = level > DriftLevel.Stable ? rise : _direction != Direction.Down;
        var side = isUp ? _rise : _fall;
        var after = side.Age > 0 ? side.Since.Mean : _all.Mean;
        _evidence = new Evidence(
            Math.Abs(after - side.UpTo.Mean), Bound(side, _driftLog), side.UpTo.Mean, after, _count,
            level > DriftLevel.Stable ? side.Age : 0, level <= DriftLevel.Stable ? Direction.None : isUp ? Direction.Up : Direction.Down);
    }

    /// <summary>Exponentially weighted mean, and the sum of its squared weights; without values so far where that is 0.</summary>
    private readonly record struct Average(double Mean, double Squares)
    {
        public Average Add(double value, double weight)
        {
            var keep = 1 - weight;
            return Squares == 0 ? new Average(value, 1) : new Average((weight * value) + (keep * Mean), (weight * weight) + (keep * keep * Squares));
        }

        public static Average Load(ref StateReader reader) => new(reader.Double(), reader.Double());

        public void Save(ref StateWriter writer)
        {
            writer.Write(Mean);
            writer.Write(Squares);
        }
    }

    /// <summary>One direction: the best edge so far, all values up to it, those since, and how many these are.</summary>
    private readonly record struct Side(double Edge, Average UpTo, Average Since, long Age)
    {
        public static Side Load(ref StateReader reader) => new(reader.Double(), Average.Load(ref reader), Average.Load(ref reader), reader.Int64());

        public void Save(ref StateWriter writer)
        {
            writer.Write(Edge);
            UpTo.Save(ref writer);
            Since.Save(ref writer);
            writer.Write(Age);
        }
    }
}
