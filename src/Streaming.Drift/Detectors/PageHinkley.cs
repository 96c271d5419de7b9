using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="PageHinkley"/> can be told.</summary>
[Detector("page-hinkley", DetectorInput.Numbers, "a lasting rise or fall of the mean", "Page, Biometrika 41, 1954",
    Profiles = "moa: the sum falls below zero; river: the sum is compared with its minimum")]
public sealed record PageHinkleyOptions : DetectorOptions
{
    /// <summary>Page–Hinkley watches for rises unless told otherwise.</summary>
    public PageHinkleyOptions() => Direction = Direction.Up;

    /// <summary>Movement away from the mean that is tolerated before it counts (δ).</summary>
    /// <value>Unit of the input, at least 0. Default 0.005.</value>
    [Range(0, double.MaxValue), Unit("input")]
    public double Tolerance { get; init; } = 0.005;

    /// <summary>Sum of movements beyond which a change is reported (λ).</summary>
    /// <value>Unit of the input times values, above 0. Default 50.</value>
    [Range(double.Epsilon, double.MaxValue), Unit("input × values")]
    public double Threshold { get; init; } = 50;

    /// <summary>What is kept of the sum from value to value (α).</summary>
    /// <value>Above 0, at most 1. Default 0.9999.</value>
    [Range(1e-9, 1), Unit("share")]
    public double Forgetting { get; init; } = 0.9999;

    /// <summary>Values before the first judgement.</summary>
    /// <value>1 to 1,000,000 values. Default 30.</value>
    [Range(1, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 30;

    /// <summary>Whether the sum is held at zero, so that a long quiet time does not delay an alarm.</summary>
    /// <value>Default: true in the profile Default, false in Moa; River keeps the sum's minimum instead.</value>
    public bool? Clip { get; init; }

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new PageHinkley(this);
    }
}

/// <summary>Page–Hinkley test: reports a lasting rise or fall of the mean.</summary>
/// <remarks>
/// E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954. The sum of (x − mean − δ) is, by profile: held at zero (Default; River before 0.12
/// and scikit-multiflow), left as it is (Moa), or compared with its minimum so far (River 0.26.1). Alarms are strict. A fall is a rise of −x.
/// The change is dated from where the sum last was at zero or below (River: at its minimum): with a tolerance far below the noise, or in Moa
/// after a long quiet time, that can be far from the change.
/// Moa and clipped forms judge from value <see cref="PageHinkleyOptions.MinCount"/> − 1 on, as those implementations count one ahead.
/// </remarks>
public sealed class PageHinkley : IDriftDetector
{
    private readonly PageHinkleyOptions _options;
    private readonly bool _clips;
    private readonly bool _fromLeast;
    private readonly int _judgeFrom;
    private long _count;
    private double _mean;
    private Side _up;
    private Side _down;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;
    private Direction _alarm;

    internal PageHinkley(PageHinkleyOptions options)
    {
        _options = options;
        _fromLeast = options.Profile == Profile.River && options.Clip is null;
        _clips = options.Clip ?? (options.Profile == Profile.Default);
        _judgeFrom = _fromLeast ? options.MinCount : options.MinCount - 1;
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

        _mean += (value - _mean) / ++_count;
        var alarm = Direction.None;
        if ((_options.Direction & Direction.Up) != 0)
        {
            alarm |= Step(ref _up, value - _mean - _options.Tolerance) ? Direction.Up : Direction.None;
        }

        if ((_options.Direction & Direction.Down) != 0)
        {
            alarm |= Step(ref _down, _mean - value - _options.Tolerance) ? Direction.Down : Direction.None;
        }

        if (_count < _judgeFrom)
        {
            return Level = DriftLevel.Learning;
        }

        (_alarm, _isExplained) = (alarm, false);
        return Level = alarm != Direction.None ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        writer.Write(_count);
        writer.Write(_mean);
        _up.Save(ref writer);
        _down.Save(ref writer);
        Evidence.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Level, _count, _mean) = ((DriftLevel)reader.Byte((byte)DriftLevel.Drift), reader.Int64(), reader.Double());
        (_up, _down) = (Side.Load(ref reader), Side.Load(ref reader));
        (_evidence, _isExplained) = (Drift.Evidence.Load(ref reader), true);
    }

    private void Reset()
    {
        (_count, _mean) = (0, 0);

        // River's minimum begins at infinity, so that the first sum is one
        _up = _down = new Side { Least = _fromLeast ? double.PositiveInfinity : 0 };
        Level = DriftLevel.Learning;
    }

    private bool Step(ref Side side, double movement)
    {
        var sum = (_options.Forgetting * side.Sum) + movement;
        sum = _clips ? Math.Max(0, sum) : sum;
        var isLeast = _fromLeast ? sum < side.Least : sum <= 0;
        (side.Sum, side.Age) = (sum, isLeast ? 0 : side.Age + 1);
        (side.Least, side.MeanBefore) = (Either.Of(isLeast, sum, side.Least), Either.Of(isLeast, _mean, side.MeanBefore));

        return Statistic(side) > _options.Threshold;
    }

    private double Statistic(in Side side) => _fromLeast ? side.Sum - side.Least : side.Sum;

    private void Explain()
    {
        if (_isExplained)
        {
            return;
        }

        _isExplained = true;
        var alarm = _alarm;
        var up = alarm != Direction.None ? alarm == Direction.Up
            : _options.Direction != Direction.Both ? _options.Direction == Direction.Up
            : Statistic(_up) >= Statistic(_down);
        var side = up ? _up : _down;
        var after = side.Age > 0 ? _mean + ((_mean - side.MeanBefore) * ((double)(_count - side.Age) / side.Age)) : _mean;
        _evidence = new Evidence(
            Statistic(side), _options.Threshold, side.Age > 0 ? side.MeanBefore : _mean, after, _count, side.Age,
            side.Age == 0 ? Direction.None : up ? Direction.Up : Direction.Down);
    }

    /// <summary>The sum in one direction, and where it began to rise.</summary>
    private struct Side
    {
        public double Sum;
        public double Least;
        public long Age;
        public double MeanBefore;

        public static Side Load(ref StateReader reader) => new() { Sum = reader.Double(), Least = reader.Double(), Age = reader.Int64(), MeanBefore = reader.Double() };

        public readonly void Save(ref StateWriter writer)
        {
            writer.Write(Sum);
            writer.Write(Least);
            writer.Write(Age);
            writer.Write(MeanBefore);
        }
    }
}
