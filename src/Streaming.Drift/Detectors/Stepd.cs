using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Stepd"/> can be told.</summary>
[Detector("stepd", DetectorInput.Errors, "an error rate of the newest values that differs from the older ones; warns first", "Nishida, Yamauchi, DS 2007",
    Profiles = "moa: reports improvements too, whatever direction says, and windows of equal values")]
public sealed record StepdOptions : DetectorOptions
{
    /// <summary>STEPD watches for rises unless told otherwise.</summary>
    public StepdOptions() => Direction = Direction.Up;

    /// <summary>Newest values that are compared with all older ones (W).</summary>
    /// <value>2 to 1,000,000 values. Default 30.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int Window { get; init; } = 30;

    /// <summary>Two-sided p-value below which a warning is given (α_w).</summary>
    /// <value>Above 0, below 1, at least that of a drift. Default 0.05.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double WarningConfidence { get; init; } = 0.05;

    /// <summary>Two-sided p-value below which a drift is reported (α_d).</summary>
    /// <value>Above 0, below 1. Default 0.003.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double DriftConfidence { get; init; } = 0.003;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(DriftConfidence <= WarningConfidence, "driftConfidence", DriftConfidence, $"must be at most warningConfidence = {WarningConfidence}");
        return new Stepd(this);
    }
}

/// <summary>Statistical test of equal proportions: the newest values against all older ones.</summary>
/// <remarks>
/// K. Nishida, K. Yamauchi, Detecting Concept Drift Using Statistical Testing, Discovery Science 2007, equation 1, with the continuity correction; the
/// p-value is two-sided, as in MOA, and compared as a quantile. Values are 1 for wrong and 0 for right. Where all values are the same there is
/// nothing to test. Directions other than those asked for change no level. Profile Moa reports both, and a drift at every full pair of windows
/// of equal values, as MOA divides by their variance of zero.
/// </remarks>
public sealed class Stepd : IDriftDetector
{
    private const double RoundingRoom = 1e-14;
    private const double BoundRoom = 1e-6;
    private const double RareShare = 1e-6;

    private readonly Direction _direction;
    private readonly bool _isMoa;
    private readonly double _warning;
    private readonly double _drift;
    private readonly SlidingWindow _newest;
    private long _count;
    private double _newestSum;
    private double _olderSum;
    private Evidence _evidence;

    // it costs more than the judgement, so it is made when it is asked for
    private bool _isExplained = true;

    internal Stepd(StepdOptions options)
    {
        _isMoa = options.Profile == Profile.Moa;
        _direction = _isMoa ? Direction.Both : options.Direction;
        (_warning, _drift) = (NormalTail.Quantile(options.WarningConfidence / 2), NormalTail.Quantile(options.DriftConfidence / 2));
        _newest = new SlidingWindow(options.Window);
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
            (_count, _newestSum, _olderSum) = (0, 0, 0);
            _newest.Clear();
        }

        _count++;
        _newestSum += value;
        if (_newest.Add(value, out var left))
        {
            _newestSum -= left;
            _olderSum += left;
        }

        if (_count < 2L * _newest.Capacity)
        {
            return Level = DriftLevel.Learning;
        }

        _isExplained = false;
        return Level = IsQuiet() ? DriftLevel.Stable : Judge(out _, out _, out _);
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, Evidence);
        writer.Write(_count);
        writer.Write(_newestSum);
        writer.Write(_olderSum);
        _newest.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        (Level, _isExplained) = (reader.Begin(out _evidence), true);
        (_count, _newestSum, _olderSum) = (reader.Int64(), reader.Double(), reader.Double());
        _newest.Load(ref reader);
    }

    /// <summary>Whether the statistic surely lies below that of a warning: its square, brought to a form without divisions and roots.</summary>
    private bool IsQuiet()
    {
        var (count, newest) = ((double)_count, (double)_newest.Capacity);
        var (older, errors) = (count - newest, _olderSum + _newestSum);
        var (rarer, product) = (Math.Min(errors, count - errors), errors * (count - errors));
        var (before, after) = (_olderSum * newest, _newestSum * older);
        var moved = Math.Abs(Math.Abs(before - after) - (0.5 * count)) + (RoundingRoom * (Math.Abs(before) + Math.Abs(after) + count));

        // where one kind is very rare its share has too few bits to rely on
        return rarer > RareShare * count && moved * moved * count < _warning * _warning * older * newest * product * (1 - BoundRoom);
    }

    private DriftLevel Judge(out double statistic, out double before, out double after)
    {
        var (older, newest) = ((double)(_count - _newest.Capacity), (double)_newest.Capacity);
        (before, after) = (_olderSum / older, _newestSum / newest);
        var (pooled, spread) = ((_olderSum + _newestSum) / _count, (1 / older) + (1 / newest));
        statistic = (Math.Abs(before - after) - (0.5 * spread)) / Math.Sqrt(pooled * (1 - pooled) * spread);
        statistic = _isMoa ? Math.Abs(statistic) : statistic;
        return (Way(before, after) & _direction) == 0 || !(statistic > _warning) ? DriftLevel.Stable : statistic > _drift ? DriftLevel.Drift : DriftLevel.Warning;
    }

    private static Direction Way(double before, double after) => after > before ? Direction.Up : Direction.Down;

    private void Explain()
    {
        if (_isExplained)
        {
            return;
        }

        _isExplained = true;
        var level = Judge(out var statistic, out var before, out var after);
        _evidence = new Evidence(
            double.IsFinite(statistic) ? statistic : 0, _drift, before, after, _count,
            level > DriftLevel.Stable ? _newest.Capacity : 0, level > DriftLevel.Stable ? Way(before, after) : Direction.None);
    }
}
