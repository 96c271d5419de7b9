using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>Which of the older values <see cref="Kswin"/> compares with.</summary>
public enum KswinSampling : byte
{
    /// <summary>A seeded random sample as large as the newest part, as published.</summary>
    Random,

    /// <summary>All of them: nothing is left to chance.</summary>
    None,
}

/// <summary>What <see cref="Kswin"/> can be told.</summary>
[Detector("kswin", DetectorInput.Numbers, "any change of the distribution between the newest and older values", "Raab, Heusinger, Schleif, Neurocomputing 416, 2020",
    Profiles = "river: the distance must pass 0.1 as well")]
public sealed record KswinOptions : DetectorOptions
{
    /// <summary>Values in the window.</summary>
    /// <value>4 to 1,000 values. Default 100.</value>
    [Range(4, 1_000), Unit("values")]
    public int Window { get; init; } = 100;

    /// <summary>Newest values that are compared with the older ones (r).</summary>
    /// <value>2 to 500 values, at most half the window. Default 30.</value>
    [Range(2, 500), Unit("values")]
    public int Newest { get; init; } = 30;

    /// <summary>Chance of a drift by accident, at each comparison (α).</summary>
    /// <value>Above 0, below 1. Default 0.0001.</value>
    [Range(1e-15, 0.999999), Unit("probability")]
    public double Confidence { get; init; } = 0.0001;

    /// <summary>Which of the older values are compared.</summary>
    /// <value>Random or None. Default: Random.</value>
    public KswinSampling Sampling { get; init; }

    /// <summary>Start of the random numbers.</summary>
    /// <value>0 to 2,147,483,647. Default 1.</value>
    [Range(0, int.MaxValue), Unit("")]
    public int Seed { get; init; } = 1;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(2 * Newest <= Window, "newest", Newest, $"must be at most half of window = {Window}");
        return new Kswin(this);
    }
}

/// <summary>Kolmogorov–Smirnov windowing: the distribution of the newest values against that of the older ones.</summary>
/// <remarks>
/// C. Raab, M. Heusinger, F.-M. Schleif, Reactive Soft Prototype Computing for Concept Drift Streams, Neurocomputing 416, 2020, Algorithm 1. The distance
/// is compared as a whole number with the least one whose exact two-sample probability without ties is at most α; ties make the test quieter.
/// Random numbers: SplitMix64 (Steele, Lea, Flood 2014), its state saved. After a drift the newest values stay. There is no warning level. The
/// direction is that of the means. The change is dated from the first of the newest values. Profile River: the distance must pass 0.1 too.
/// </remarks>
public sealed class Kswin : IDriftDetector
{
    private readonly KswinOptions _options;
    private readonly SlidingWindow _window;
    private readonly double[] _older;
    private readonly double[] _newest;
    private readonly double[] _sample;
    private readonly long _reach;
    private int _olderCount;
    private int _newestCount;
    private long _count;
    private ulong _random;
    private Evidence _evidence;

    internal Kswin(KswinOptions options)
    {
        (_options, _window, _random) = (options, new SlidingWindow(options.Window), (ulong)options.Seed);
        (_older, _newest) = (new double[options.Window - options.Newest], new double[options.Newest]);
        _sample = options.Sampling == KswinSampling.Random ? new double[options.Newest] : _older;
        _reach = LeastReach(_sample.Length, _newest.Length, options.Confidence);
        if (options.Profile == Profile.River)
        {
            _reach = Math.Max(_reach, ((long)_sample.Length * _newest.Length / 10) + 1);
        }
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
            _window.KeepNewest(_options.Newest);
            (_count, _olderCount) = (_options.Newest, 0);
        }

        _count++;
        Slide(value);
        if (!_window.IsFull)
        {
            return Level = DriftLevel.Learning;
        }

        if (_options.Sampling == KswinSampling.Random)
        {
            Draw();
        }

        var reach = Reach(_sample, _newest);
        var (before, after) = (Moments.Sum(_older) / _older.Length, Moments.Sum(_newest) / _newest.Length);
        var way = after > before ? Direction.Up : after < before ? Direction.Down : Direction.None;
        var drift = reach >= _reach && (way == Direction.None ? _options.Direction == Direction.Both : (way & _options.Direction) != 0);
        var scale = (double)_sample.Length * _newest.Length;
        _evidence = new Evidence(reach / scale, _reach / scale, before, after, _count, drift ? _newest.Length : 0, drift ? way : Direction.None);
        return Level = drift ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
        writer.Write(_random);
        _window.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        (_count, _random) = (reader.Int64(), reader.UInt64());
        _window.Load(ref reader);

        // the sorted parts follow from the window
        _newestCount = Math.Min(_window.Count, _newest.Length);
        _olderCount = _window.Count - _newestCount;
        _window.Values[^_newestCount..].CopyTo(_newest);
        _window.Values[.._olderCount].CopyTo(_older);
        _newest.AsSpan(0, _newestCount).Sort();
        _older.AsSpan(0, _olderCount).Sort();
    }

    private static long LeastReach(int n, int m, double confidence)
    {
        var (low, high) = (0L, ((long)n * m) + 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = KolmogorovLaw.TwoSamples(n, m, middle) <= confidence ? (low, middle) : (middle, high);
        }

        return high;
    }

    /// <summary>n m times the largest distance of the two distribution functions; both sorted, ties passed together.</summary>
    private static long Reach(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (i, j, most) = (0, 0, 0L);
        while (i < a.Length && j < b.Length)
        {
            var value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] <= value)
            {
                i++;
            }

            while (j < b.Length && b[j] <= value)
            {
                j++;
            }

            most = Math.Max(most, Math.Abs(((long)i * b.Length) - ((long)j * a.Length)));
        }

        return most;
    }

    private static void Insert(Span<double> sorted, ref int count, double value)
    {
        var at = Place(sorted[..count], value);
        sorted[at..count].CopyTo(sorted[(at + 1)..]);
        sorted[at] = value;
        count++;
    }

    private static void Remove(Span<double> sorted, ref int count, double value)
    {
        var at = Place(sorted[..count], value);
        sorted[(at + 1)..count].CopyTo(sorted[at..]);
        count--;
    }

    private static int Place(ReadOnlySpan<double> sorted, double value)
    {
        var at = sorted.BinarySearch(value);
        return at < 0 ? ~at : at;
    }

    /// <summary>The newest value comes in, the oldest of the newest becomes an older one, the oldest of all leaves.</summary>
    private void Slide(double value)
    {
        if (_window.IsFull)
        {
            Remove(_older, ref _olderCount, _window.Values[0]);
        }

        if (_newestCount == _newest.Length)
        {
            var oldest = _window.Values[^_newest.Length];
            Remove(_newest, ref _newestCount, oldest);
            Insert(_older, ref _olderCount, oldest);
        }

        Insert(_newest, ref _newestCount, value);
        _window.Add(value);
    }

    /// <summary>A sample without replacement, already sorted (selection sampling: Knuth, TAOCP 2, section 3.4.2, Algorithm S).</summary>
    private void Draw()
    {
        var drawn = 0;
        for (var i = 0; drawn < _sample.Length; i++)
        {
            _random += 0x9e37_79b9_7f4a_7c15;
            var z = (_random ^ (_random >> 30)) * 0xbf58_476d_1ce4_e5b9;
            z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
            z ^= z >> 31;
            if (Math.BigMul(z, (ulong)(_olderCount - i), out _) < (ulong)(_sample.Length - drawn))
            {
                _sample[drawn++] = _older[i];
            }
        }
    }
}
