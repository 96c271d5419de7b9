using System.Runtime.CompilerServices;

namespace Streaming.Drift;

/// <summary>What normal was for one numeric stream: turns a value into its rank u among the values learnt.</summary>
/// <remarks>
/// The distribution function is kept at 241 evenly spaced order statistics and at every <i>atom</i>: a value that makes up at
/// least 1/240 of the sample (and occurs at least twice). Between them it is linear. u is the mid-rank, (F(x−) + F(x)) / 2: an
/// atom has one u, a value below all others 0, above all others 1. Without drift u is uniform where the values have no ties; where
/// they have, <see cref="Shares"/> says what to expect.
/// </remarks>
public sealed class NumericReference
{
    /// <summary>Number of equal bins of u in which histograms are kept.</summary>
    public const int Bins = 60;

    private const int Intervals = 240;

    // an atom holds at least 1/240 of the sample, so there are at most as many atoms as other knots
    private const int MostKnots = (2 * Intervals) + 1;

    // so many equal stretches from the least to the greatest knot, each with the number of knots before it
    private const int Slots = 512;

    // searched: padded with +∞; entry 0 stands for everything below the minimum
    private readonly double[] _at;
    private readonly ushort[] _starts = new ushort[Slots];
    private readonly double _least;
    private readonly double _slotsPerUnit;
    private readonly int _step;
    private readonly Segment[] _segments;
    private readonly double[] _shares;
    private readonly ReferenceKnot[] _knots;

    private NumericReference(ReferenceKnot[] knots, double[] shares, int count, long observed, MomentSummary moments)
    {
        (_knots, _shares, Count, Observed, Moments) = (knots, shares, count, observed, moments);
        var slots = Slots / (knots[^1].Value - knots[0].Value);
        (_least, _slotsPerUnit) = (knots[0].Value, double.IsFinite(slots) ? slots : 0);
        _step = FillStarts() / 2;
        var size = knots.Length + (2 * _step) + 1;
        _at = new double[size];
        _segments = new Segment[size];
        Fill();
    }

    /// <summary>Number of values the ranks rest on: N, where sampling error is judged.</summary>
    public int Count { get; }

    /// <summary>Number of values that went by while learning; more than <see cref="Count"/> where the sample was thinned.</summary>
    public long Observed { get; }

    /// <summary>Moments and extremes of the sample.</summary>
    public MomentSummary Moments { get; }

    /// <summary>Mean of the sample.</summary>
    public double Mean => Moments.Mean;

    /// <summary>Least value of the sample.</summary>
    public double Min => Moments.Min;

    /// <summary>Greatest value of the sample.</summary>
    public double Max => Moments.Max;

    /// <summary>Expected share of each of the <see cref="Bins"/> bins of u under this reference; they sum to 1.</summary>
    /// <remarks>A value seen once is spread evenly over its own stretch of ranks, a tie lies wholly in the bin of its u.</remarks>
    public ReadOnlySpan<double> Shares => _shares;

    /// <summary>Where the distribution function is kept: evenly spaced order statistics and atoms, least first.</summary>
    public ReadOnlySpan<ReferenceKnot> Knots => _knots;

    /// <summary>Puts together again what <see cref="Knots"/>, <see cref="Shares"/>, <see cref="Observed"/> and <see cref="Moments"/> said.</summary>
    /// <exception cref="ArgumentException">The parts are not those of one reference; the message says why.</exception>
    public static NumericReference Restore(
        ReadOnlySpan<ReferenceKnot> knots, ReadOnlySpan<double> shares, long observed, in MomentSummary moments)
    {
        if (knots.Length is 0 or > MostKnots || moments.Count is < 1 or > int.MaxValue || knots[0].Below != 0 || knots[^1].UpTo != moments.Count)
        {
            throw new ArgumentException($"knots: expected 1 to {MostKnots}, from 0 up to the count", nameof(knots));
        }

        for (var i = 0; i < knots.Length; i++)
        {
            var (value, below, upTo) = knots[i];
            if (!double.IsFinite(value) || below >= upTo || (i > 0 && (value <= knots[i - 1].Value || below < knots[i - 1].UpTo)))
            {
                throw new ArgumentException($"knots[{i}]: expected values and counts that rise, found {value}, {below}, {upTo}", nameof(knots));
            }
        }

        var sum = 0.0;
        foreach (var share in shares)
        {
            sum += share is >= 0 and <= 1 ? share : double.NaN;
        }

        if (shares.Length != Bins || !(Math.Abs(sum - 1) < 1e-6))
        {
            throw new ArgumentException($"shares: expected {Bins} numbers from 0 to 1 that sum to 1", nameof(shares));
        }

        return new NumericReference(knots.ToArray(), shares.ToArray(), (int)moments.Count, Math.Max(observed, moments.Count), moments);
    }

    /// <summary>Learns from a sample. Infinities and NaN in it are left out.</summary>
    /// <param name="sample">The values; sorted in place.</param>
    /// <param name="observed">How many values the sample stands for; at least its length.</param>
    /// <exception cref="ArgumentException">The sample has no finite value.</exception>
    public static NumericReference Build(Span<double> sample, long observed)
    {
        sample.Sort();
        ReadOnlySpan<double> sorted = Finite(sample);
        if (sorted.IsEmpty)
        {
            throw new ArgumentException($"a reference needs at least one finite value, found none among {sample.Length}", nameof(sample));
        }

        var knots = FindKnots(sorted);
        var shares = new double[Bins];
        var moments = Drift.Moments.Summary(sorted) with { Min = sorted[0] + 0.0, Max = sorted[^1] + 0.0 };
        var reference = new NumericReference(knots, shares, sorted.Length, Math.Max(observed, sorted.Length), moments);
        reference.Share(sorted, shares);
        return reference;
    }

    /// <summary>The u of a value, 0 to 1; NaN (missing) stays NaN.</summary>
    public double U(double value) => U(value, _at, _segments, _starts, _step);

    /// <summary>The u of each value.</summary>
    /// <param name="values">Any numbers.</param>
    /// <param name="u">Receives as many ranks; may be the same span.</param>
    public void U(ReadOnlySpan<double> values, Span<double> u)
    {
        u = u[..values.Length];
        var (at, segments, starts, step) = (_at, _segments, _starts, _step);
        for (var i = 0; i < values.Length; i++)
        {
            u[i] = U(values[i], at, segments, starts, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double U(double value, double[] at, Segment[] segments, ushort[] starts, int firstStep)
    {
        // rounding keeps the order, so knots of earlier stretches lie below the value and those of later ones above
        int position = starts[Slot(value)];
        for (var step = firstStep; step > 0; step >>= 1)
        {
            // a comparison turned into a mask: no branch to mispredict
            position += -Unsafe.BitCast<bool, byte>(value >= at[position + step]) & step;
        }

        ref readonly var segment = ref segments[position];
        var u = segment.Above + (value - at[position]) * segment.Slope;
        u = u <= segment.Limit ? u : segment.Limit;
        u = value == at[position] ? segment.Mid : u;
        return double.IsNaN(value) ? double.NaN : u;
    }

    /// <summary>Writes knots, shares and moments.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Count);
        writer.Write(Observed);
        Moments.Save(ref writer);
        writer.Write(_shares.AsSpan());
        writer.Write(_knots.Length);
        foreach (var knot in _knots)
        {
            writer.Write(knot.Value);
            writer.Write(knot.Below);
            writer.Write(knot.UpTo);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of a reference.</exception>
    public static NumericReference Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        var (count, observed) = (reader.Int32(), reader.Int64());
        var moments = MomentSummary.Load(ref reader);
        var shares = new double[Bins];
        if (reader.Doubles(shares) is var found && found != Bins)
        {
            throw new InvalidDataException($"state of a reference: expected {Bins} shares, found {found}");
        }

        var length = reader.Int32();
        var most = Math.Min(MostKnots, reader.Remaining / 16);
        if (length < 1 || length > most)
        {
            throw new InvalidDataException($"state of a reference: expected 1 to {most} knots, found {length}");
        }

        var knots = new ReferenceKnot[length];
        for (var i = 0; i < length; i++)
        {
            knots[i] = new ReferenceKnot(reader.Double(), reader.Int32(), reader.Int32());
        }

        return new NumericReference(knots, shares, count, observed, moments);
    }

    private static Span<double> Finite(Span<double> sorted)
    {
        var from = 0;
        while (from < sorted.Length && !double.IsFinite(sorted[from]))
        {
            from++;
        }

        var to = sorted.Length;
        while (to > from && !double.IsFinite(sorted[to - 1]))
        {
            to--;
        }

        return sorted[from..to];
    }

    private static ReferenceKnot[] FindKnots(ReadOnlySpan<double> sorted)
    {
        var atom = Math.Max(2, (sorted.Length + Intervals - 1) / Intervals);
        var knots = new List<ReferenceKnot>(Intervals + 1);
        var (next, due) = (0L, 0L);
        for (var below = 0; below < sorted.Length;)
        {
            var upTo = below + 1;
            while (upTo < sorted.Length && sorted[upTo] == sorted[below])
            {
                upTo++;
            }

            if (upTo - below >= atom || due < upTo)
            {
                knots.Add(new ReferenceKnot(sorted[below] + 0.0, below, upTo));
            }

            while (due < upTo)
            {
                due = ++next * (sorted.Length - 1) / Intervals + (next > Intervals ? sorted.Length : 0);
            }

            below = upTo;
        }

        return [.. knots];
    }

    private int Slot(double value)
    {
        var scaled = (value - _least) * _slotsPerUnit;
        return scaled >= Slots - 1 ? Slots - 1 : scaled > 0 ? (int)scaled : 0;
    }

    /// <summary>Sets how many knots lie before each stretch; returns a power of two above the most that lie within one.</summary>
    private int FillStarts()
    {
        Span<int> within = stackalloc int[Slots];
        foreach (var knot in _knots)
        {
            within[Slot(knot.Value)]++;
        }

        var (before, most) = (0, 0);
        for (var slot = 0; slot < Slots; slot++)
        {
            _starts[slot] = (ushort)before;
            before += within[slot];
            most = Math.Max(most, within[slot]);
        }

        return (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)most + 1);
    }

    private void Fill()
    {
        Array.Fill(_at, double.PositiveInfinity);
        Array.Fill(_segments, new Segment(1, 1, 0, 1));
        _at[0] = double.MinValue;
        _segments[0] = new Segment(0, 0, 0, 0);
        var atom = Math.Max(2, (Count + Intervals - 1) / Intervals);
        for (var i = 0; i < _knots.Length; i++)
        {
            var knot = _knots[i];
            var mid = ((double)knot.Below + knot.UpTo) / (2.0 * Count);
            var above = Upper(knot);
            var last = i + 1 == _knots.Length;
            var limit = last ? 1 : Lower(_knots[i + 1]);
            var width = last ? double.PositiveInfinity : _knots[i + 1].Value - knot.Value;
            _at[i + 1] = knot.Value;
            _segments[i + 1] = new Segment(mid, last ? 1 : above, (limit - above) / width, limit);
        }

        double Lower(ReferenceKnot knot) => knot.UpTo - knot.Below >= atom ? (double)knot.Below / Count : Middle(knot);
        double Upper(ReferenceKnot knot) => knot.UpTo - knot.Below >= atom ? (double)knot.UpTo / Count : Middle(knot);
        double Middle(ReferenceKnot knot) => ((double)knot.Below + knot.UpTo) / (2.0 * Count);
    }

    private void Share(ReadOnlySpan<double> sorted, Span<double> shares)
    {
        for (var below = 0; below < sorted.Length;)
        {
            var upTo = below + 1;
            while (upTo < sorted.Length && sorted[upTo] == sorted[below])
            {
                upTo++;
            }

            if (upTo - below > 1)
            {
                shares[Histogram.Index(U(sorted[below]), Bins)] += (double)(upTo - below) / sorted.Length;
            }
            else
            {
                Spread(below, sorted.Length, shares);
            }

            below = upTo;
        }
    }

    // one value of n covers the ranks from position / n to (position + 1) / n; in units of 1 / (n · bins) all edges are whole
    private static void Spread(long position, int count, Span<double> shares)
    {
        var (from, end) = (position * Bins, (position + 1) * Bins);
        while (from < end)
        {
            var bin = from / count;
            var to = Math.Min(end, (bin + 1) * count);
            shares[(int)bin] += (to - from) / ((double)count * Bins);
            from = to;
        }
    }

    // u of the knot itself, and from just above it to the next knot
    private readonly record struct Segment(double Mid, double Above, double Slope, double Limit);
}

/// <summary>One value at which the distribution function of a <see cref="NumericReference"/> is kept.</summary>
/// <param name="Value">The value.</param>
/// <param name="Below">How many of the sample are less.</param>
/// <param name="UpTo">How many of the sample are less or equal.</param>
public readonly record struct ReferenceKnot(double Value, int Below, int UpTo);
