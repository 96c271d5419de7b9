using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="ElementAdwin"/> can be told.</summary>
public sealed record ElementAdwinOptions
{
    /// <summary>Confidence of a cut (δ): smaller is quieter and slower.</summary>
    /// <value>Above 0, below 1. Default 0.002.</value>
    [Range(1e-12, 0.999)]
    public double Delta { get; init; } = 0.002;

    /// <summary>Which movements are reported. The window follows the others silently.</summary>
    /// <value>Up, Down or Both. Default Both.</value>
    public Direction Direction { get; init; } = Direction.Both;

    /// <summary>Elements in the window before it is judged.</summary>
    /// <value>3 to 1,000. Default 8.</value>
    [Range(3, 1_000)]
    public int MinElements { get; init; } = 8;
}

/// <summary>Adaptive window over elements: reports when two parts of it have different means.</summary>
/// <remarks>
/// A. Bifet, R. Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007 (ADWIN2), with three differences. Elements instead of
/// values: a cut lies at an edge of the exponential histogram, n₀ and n₁ count values. The variance of the bound is the larger of the window's
/// variance and its long-run variance, the mean over neighbouring elements of (mᵢ − mᵢ₋₁)² nᵢ nᵢ₋₁ / (nᵢ + nᵢ₋₁), which keeps autocorrelated
/// streams quiet; of that mean the largest term is left out, since a change that must be found puts one there, and it is enlarged by the square of
/// Student's over the normal quantile for its number of terms (D. L. Wallace, Ann. Math. Stat. 30, 1959), since few terms know it badly. And the cut
/// that is reported is the one furthest beyond its bound; the next call starts with what came after it.
/// </remarks>
public sealed class ElementAdwin : IElementDetector
{
    private const int PerRow = 5;
    private const int MaxBuckets = 64 * (PerRow + 1);

    private readonly ElementAdwinOptions _options;

    // oldest first; sizes fall towards the end
    private readonly Bucket[] _buckets = new Bucket[MaxBuckets];
    private int _count;
    private Element _last;
    private Evidence _evidence;
    private int _cut;

    /// <summary>Builds the detector.</summary>
    /// <exception cref="ValidationException">An option lies outside its range.</exception>
    public ElementAdwin(ElementAdwinOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        _options = options;
    }

    /// <inheritdoc/>
    public DriftLevel Level { get; private set; }

    /// <inheritdoc/>
    public ref readonly Evidence Evidence => ref _evidence;

    /// <inheritdoc/>
    public double Estimate { get; private set; }

    /// <inheritdoc/>
    public long ChangeElements { get; private set; }

    /// <inheritdoc/>
    public DriftLevel Update(in Element element)
    {
        Forget();
        Append(element);
        var total = Total(out var longest);
        Estimate = total.Values.Mean;
        if (total.Elements < _options.MinElements)
        {
            (_evidence, ChangeElements) = (new Evidence(0, 0, Estimate, Estimate, total.Values.Count, 0, Direction.None), 0);
            return Level = DriftLevel.Learning;
        }

        var worst = Scan(total, longest);
        return Level = worst > 1 && (_evidence.Direction & _options.Direction) != 0 ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        writer.Write(_cut);
        writer.Write(ChangeElements);
        writer.Write(Estimate);
        _last.Save(ref writer);
        _evidence.Save(ref writer);
        writer.Write(_count);
        foreach (ref readonly var bucket in _buckets.AsSpan(0, _count))
        {
            writer.Write(bucket.Elements);
            bucket.Values.Save(ref writer);
            writer.Write(bucket.Moves);
            writer.Write(bucket.LongestMove);
        }
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Level, _cut, ChangeElements, Estimate, _last) = ((DriftLevel)reader.Byte((byte)DriftLevel.Drift), reader.Int32(), reader.Int64(), reader.Double(), Element.Load(ref reader));
        _evidence = Drift.Evidence.Load(ref reader);
        _count = reader.Int32();
        if ((uint)_count > MaxBuckets || _cut < 0 || _cut > Math.Max(0, _count - 1))
        {
            throw new InvalidDataException($"state: expected at most {MaxBuckets} buckets, found {_count} with a cut at {_cut}");
        }

        for (var i = 0; i < _count; i++)
        {
            _buckets[i] = new Bucket(reader.Int64(), Element.Load(ref reader), reader.Double(), reader.Double());
        }
    }

    private static Bucket Join(in Bucket a, in Bucket b) =>
        new(a.Elements + b.Elements, a.Values.Merge(b.Values), a.Moves + b.Moves, Math.Max(a.LongestMove, b.LongestMove));

    private void Forget()
    {
        if (_cut == 0)
        {
            return;
        }

        _buckets.AsSpan(_cut, _count - _cut).CopyTo(_buckets);
        (_count, _cut) = (_count - _cut, 0);

        // the move into the new concept is no move within it
        _buckets[0] = _buckets[0] with { Moves = Math.Max(0, _buckets[0].Moves - _buckets[0].LongestMove), LongestMove = 0 };
    }

    private void Append(in Element element)
    {
        var move = 0.0;
        if (_count > 0)
        {
            var difference = element.Mean - _last.Mean;
            move = difference * difference * ((double)element.Count * _last.Count / (element.Count + _last.Count));
        }

        _last = element;
        _buckets[_count++] = new Bucket(1, element, move, move);
        Compress();
    }

    private void Compress()
    {
        // rows of equal size lie side by side; from the newest row on, the two oldest of a full row become one of the next
        var end = _count;
        while (end > 0)
        {
            var size = _buckets[end - 1].Elements;
            var begin = end;
            while (begin > 0 && _buckets[begin - 1].Elements == size)
            {
                begin--;
            }

            if (end - begin <= PerRow)
            {
                return;
            }

            _buckets[begin] = Join(_buckets[begin], _buckets[begin + 1]);
            _buckets.AsSpan(begin + 2, _count - begin - 2).CopyTo(_buckets.AsSpan(begin + 1));
            _count--;
            end = begin + 1;
        }
    }

    private Bucket Total(out double longestMove)
    {
        var total = _buckets[0];
        for (var i = 1; i < _count; i++)
        {
            total = Join(total, _buckets[i]);
        }

        longestMove = total.LongestMove;
        return total;
    }

    private static double LongRunVariance(in Bucket total, double longestMove, double confidence)
    {
        var moves = total.Elements - 2;
        var (normal, student) = (2 * confidence, moves * (DeterministicMath.Exp(2 * confidence / moves) - 1));
        return (total.Moves - longestMove) / moves * (student / normal);
    }

    private double Scan(in Bucket total, double longestMove)
    {
        var n = (double)total.Values.Count;
        var confidence = DeterministicMath.Log(2 * DeterministicMath.Log(n) / _options.Delta);
        var variance = Math.Max(total.Values.M2 / n, LongRunVariance(total, longestMove, confidence));
        var (worst, before, age) = (0.0, _buckets[0], 0L);
        _evidence = new Evidence(0, 0, total.Values.Mean, total.Values.Mean, total.Values.Count, 0, Direction.None);
        for (var i = 0; i < _count - 1; i++)
        {
            before = i == 0 ? before : Join(before, _buckets[i]);
            var (n0, n1) = ((double)before.Values.Count, n - before.Values.Count);
            var after = total.Values.Mean + ((total.Values.Mean - before.Values.Mean) * (n0 / n1));
            var m = (1 / n0) + (1 / n1);
            var bound = Math.Sqrt(2 * m * variance * confidence) + (2.0 / 3 * confidence * m);
            var difference = Math.Abs(after - before.Values.Mean);
            if (difference > worst * bound)
            {
                worst = difference / bound;
                age = total.Elements - before.Elements;
                _cut = i + 1;
                _evidence = new Evidence(
                    difference, bound, before.Values.Mean, after, total.Values.Count, (long)n1, after > before.Values.Mean ? Direction.Up : Direction.Down);
            }
        }

        ChangeElements = age;
        _cut = worst > 1 ? _cut : 0;
        return worst;
    }

    private readonly record struct Bucket(long Elements, Element Values, double Moves, double LongestMove);
}
