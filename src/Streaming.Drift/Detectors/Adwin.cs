using System.ComponentModel.DataAnnotations;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Streaming.Drift;

/// <summary>What ADWIN does with its window after a change.</summary>
public enum AfterDrift : byte
{
    /// <summary>Keeps what came after the cut.</summary>
    Shrink,

    /// <summary>Forgets everything at the next value.</summary>
    Reset,
}

/// <summary>What <see cref="Adwin"/> can be told.</summary>
[Detector("adwin", DetectorInput.Shares, "a change of the mean; dates it", "Bifet, Gavaldà, SDM 2007",
    Profiles = "moa: reports rises only; river: starts anew after each change")]
public sealed record AdwinOptions : DetectorOptions
{
    /// <summary>Confidence of a cut (δ): smaller is quieter and slower.</summary>
    /// <value>Above 0, below 1. Default 0.002.</value>
    [Range(1e-12, 0.999), Unit("probability")]
    public double Delta { get; init; } = 0.002;

    /// <summary>What happens to the window after a change that is reported.</summary>
    /// <value>Shrink or Reset. Default: Reset in the profile River, else Shrink.</value>
    public AfterDrift? OnDrift { get; init; }

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(Profile != Profile.Moa || Direction != Direction.Down, "direction", Direction, "the profile moa reports rises only, so it must be up or both");
        return new Adwin(this);
    }
}

/// <summary>Adaptive window: reports when two parts of the newest values have different means.</summary>
/// <remarks>
/// A. Bifet, R. Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007: ADWIN2 with 5 buckets a row, checked every 32 values,
/// parts of at least 5 values. The bound is the one for values in [0, 1] with the window's variance, m = 1/(n₀ − 4) + 1/(n₁ − 4) as in MOA.
/// Profile Moa reports rises only and keeps the window; River starts anew after each change; Default reports both directions and keeps the
/// window. Values outside [0, 1] are taken, but a single one far outside widens the bound for as long as the window holds it. A window with values
/// so far apart that their variance is no number is forgotten.
/// </remarks>
public sealed class Adwin : IDriftDetector
{
    private const int PerRow = 5;
    private const int RowRoom = PerRow + 1;
    private const int MaxRows = 48;
    private const int Clock = 32;
    private const int FewestValues = 10;
    private const int FewestInPart = 5;
    private const int Lanes = 4;
    private const double RoundingRoom = 1e-14;
    private const double BoundRoom = 1e-9;

    private readonly double _delta;
    private readonly Direction _direction;
    private readonly bool _resets;
    private readonly bool _onlyWhereEstimateRose;
    private readonly double[] _totals = new double[MaxRows * RowRoom];
    private readonly double[] _variances = new double[MaxRows * RowRoom];
    private readonly int[] _counts = new int[MaxRows];
    private int _rows = 1;
    private long _time;
    private long _width;
    private double _total;
    private double _variance;
    private Evidence _evidence;

    internal Adwin(AdwinOptions options)
    {
        (_delta, _direction) = (options.Delta, options.Profile == Profile.Moa ? options.Direction & Direction.Up : options.Direction);
        _resets = (options.OnDrift ?? (options.Profile == Profile.River ? AfterDrift.Reset : AfterDrift.Shrink)) == AfterDrift.Reset;
        _onlyWhereEstimateRose = options.Profile == Profile.Moa;
    }

    /// <inheritdoc/>
    public DriftLevel Level { get; private set; } = DriftLevel.Learning;

    /// <inheritdoc/>
    public ref readonly Evidence Evidence => ref _evidence;

    /// <summary>Mean of the window.</summary>
    public double Estimate => _width > 0 ? _total / _width : 0;

    /// <inheritdoc/>
    public DriftLevel Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return Level;
        }

        if (Level == DriftLevel.Drift && _resets)
        {
            Reset();
        }

        var (totalBefore, widthBefore) = (_total, _width);
        _time++;
        Insert(value);
        Compress();
        if (_time % Clock != 0 || _width <= FewestValues)
        {
            return Level = Level == DriftLevel.Learning ? DriftLevel.Learning : DriftLevel.Stable;
        }

        if (!double.IsFinite(_variance))
        {
            // squares of such values are no numbers, so no cut could ever be seen
            Reset();
            return Level;
        }

        var changed = Shrink();
        if (!changed)
        {
            _evidence = new Evidence(0, 0, Estimate, Estimate, _width, 0, Direction.None);
            return Level = DriftLevel.Stable;
        }

        var before = widthBefore > 0 ? totalBefore / widthBefore : 0;
        var reported = _onlyWhereEstimateRose ? _direction != Direction.None && Estimate > before : (_evidence.Direction & _direction) != 0;
        return Level = reported ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        writer.Write(_time);
        writer.Write(_width);
        writer.Write(_total);
        writer.Write(_variance);
        _evidence.Save(ref writer);
        writer.Write(_rows);
        for (var row = 0; row < _rows; row++)
        {
            writer.Write(_totals.AsSpan(row * RowRoom, _counts[row]));
            writer.Write(_variances.AsSpan(row * RowRoom, _counts[row]));
        }
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Level, _time, _width, _total, _variance) = ((DriftLevel)reader.Byte((byte)DriftLevel.Drift), reader.Int64(), reader.Int64(), reader.Double(), reader.Double());
        _evidence = Drift.Evidence.Load(ref reader);
        _rows = reader.Int32();
        if (_rows is < 1 or > MaxRows)
        {
            throw new InvalidDataException($"state: expected 1 to {MaxRows} rows, found {_rows}");
        }

        Array.Clear(_counts);
        for (var row = 0; row < _rows; row++)
        {
            _counts[row] = reader.Doubles(_totals.AsSpan(row * RowRoom, RowRoom));
            reader.Doubles(_variances.AsSpan(row * RowRoom, RowRoom));
        }
    }

    private void Reset()
    {
        Array.Clear(_counts);
        (_rows, _time, _width, _total, _variance) = (1, 0, 0, 0, 0);
        Level = DriftLevel.Learning;
    }

    private void Insert(double value)
    {
        _width++;
        if (_width > 1)
        {
            var difference = value - (_total / (_width - 1));
            _variance += (_width - 1) * difference * difference / _width;
        }

        _total += value;
        _totals[_counts[0]] = value;
        _variances[_counts[0]++] = 0;
    }

    /// <summary>Where a row has too many buckets its two oldest become one of the next row.</summary>
    private void Compress()
    {
        // a product with the inverse of a power of two is the quotient, to the last bit
        var (size, inverse) = (1.0, 1.0);
        for (var row = 0; _counts[row] == RowRoom; row++, size *= 2, inverse /= 2)
        {
            var (at, next) = (row * RowRoom, ((row + 1) * RowRoom) + _counts[row + 1]);
            var difference = (_totals[at] * inverse) - (_totals[at + 1] * inverse);
            _totals[next] = _totals[at] + _totals[at + 1];
            _variances[next] = _variances[at] + _variances[at + 1] + (size * size * difference * difference * (inverse / 2));
            _counts[row + 1]++;
            _counts[row] = RowRoom - 2;
            Vector256.LoadUnsafe(ref _totals[at], 2).StoreUnsafe(ref _totals[at]);
            Vector256.LoadUnsafe(ref _variances[at], 2).StoreUnsafe(ref _variances[at]);
            _rows = Math.Max(_rows, row + 2);
        }
    }

    private void RemoveOldest(int row, int buckets)
    {
        var at = row * RowRoom;
        var left = _counts[row] - buckets;
        _totals.AsSpan(at + buckets, left).CopyTo(_totals.AsSpan(at));
        _variances.AsSpan(at + buckets, left).CopyTo(_variances.AsSpan(at));
        _counts[row] = left;
    }

    /// <summary>Drops the oldest bucket as long as some cut shows a change; true where one did.</summary>
    private bool Shrink()
    {
        var changed = false;
        while (FindCut())
        {
            changed = true;
            DropOldestBucket();
        }

        return changed;
    }

    private bool FindCut()
    {
        var buckets = 0;
        for (var row = 0; row < _rows; row++)
        {
            buckets += _counts[row];
        }

        var room = (buckets + Lanes - 1) / Lanes * Lanes;
        Span<double> sums = stackalloc double[3 * room];
        var n0 = sums[..room];
        var u0 = sums.Slice(room, room);
        var u1 = sums[(2 * room)..];
        SumUp(n0, u0, u1);
        var variance = _variance / _width;
        var confidence = DeterministicMath.Log(2 * DeterministicMath.Log(_width) / _delta);
        for (var from = 0; from < buckets - 1; from += Lanes)
        {
            var candidates = Candidates(n0[from..], u0[from..], u1[from..], variance * confidence);
            for (; candidates != 0; candidates &= candidates - 1)
            {
                var cut = from + BitOperations.TrailingZeroCount(candidates);
                if (cut < buckets - 1 && IsCut(n0[cut], u0[cut], u1[cut], variance, confidence))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>For the cut after each bucket, oldest first: values before it, their sum, and the sum of those after.</summary>
    private void SumUp(Span<double> n0, Span<double> u0, Span<double> u1)
    {
        var (next, count, before, after) = (0, 0.0, 0.0, _total);
        for (var row = _rows - 1; row >= 0; row--)
        {
            double size = 1L << row;
            foreach (var total in _totals.AsSpan(row * RowRoom, _counts[row]))
            {
                (count, before, after) = (count + size, before + total, after - total);
                (n0[next], u0[next], u1[next]) = (count, before, after);
                next++;
            }
        }
    }

    /// <summary>
    /// The cuts that may show a change, a bit each: those where (u₀/n₀ − u₁/n₁)² &lt; 2 m σ² L does not surely hold. Without divisions, and with more room for rounding
    /// errors than there are, so that no cut is missed that <see cref="IsCut"/> would find.
    /// </summary>
    private uint Candidates(ReadOnlySpan<double> n0, ReadOnlySpan<double> u0, ReadOnlySpan<double> u1, double varianceTimesConfidence)
    {
        var (before, left, right) = (Vector256.Create(n0), Vector256.Create(u0), Vector256.Create(u1));
        var after = Vector256.Create((double)_width) - before;
        var (a, b) = (left * after, right * before);
        var difference = Vector256.Abs(a - b) + ((Vector256.Abs(a) + Vector256.Abs(b)) * Vector256.Create(RoundingRoom));
        var four = Vector256.Create(FewestInPart - 1.0);
        var statistic = difference * difference * ((before - four) * (after - four));
        var product = before * after;
        var bound = product * product * Vector256.Create(2 * varianceTimesConfidence * (_width - 8.0) * (1 - BoundRoom));
        return ~Vector256.LessThan(statistic, bound).ExtractMostSignificantBits() & ((1u << Lanes) - 1);
    }

    private bool IsCut(double n0, double u0, double u1, double variance, double confidence)
    {
        var n1 = _width - n0;
        if (!(n1 > FewestInPart + 1) || !(n0 > FewestInPart + 1))
        {
            return false;
        }

        var difference = (u0 / n0) - (u1 / n1);
        var m = (1 / (n0 - FewestInPart + 1)) + (1 / (n1 - FewestInPart + 1));
        var bound = Math.Sqrt(2 * m * variance * confidence) + (2.0 / 3 * confidence * m);
        if (!(Math.Abs(difference) > bound))
        {
            return false;
        }

        _evidence = new Evidence(Math.Abs(difference), bound, u0 / n0, u1 / n1, _width, (long)n1, difference < 0 ? Direction.Up : Direction.Down);
        return true;
    }

    private void DropOldestBucket()
    {
        RemoveOldest(_rows - 1, 1);
        while (_rows > 1 && _counts[_rows - 1] == 0)
        {
            _rows--;
        }

        // summed anew: what is left of a difference with something much larger is its rounding error
        (_width, _total, _variance) = (0, 0, 0);
        for (var row = _rows - 1; row >= 0; row--)
        {
            for (var k = 0; k < _counts[row]; k++)
            {
                Join(1L << row, _totals[(row * RowRoom) + k], _variances[(row * RowRoom) + k]);
            }
        }
    }

    private void Join(long size, double total, double variance)
    {
        if (_width > 0)
        {
            var difference = (_total / _width) - (total / size);
            variance += (double)_width * size * difference * difference / (_width + size);
        }

        (_width, _total, _variance) = (_width + size, _total + total, _variance + variance);
    }
}
