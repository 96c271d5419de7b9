namespace Streaming.Drift;

/// <summary>Counts of the commonest categories in bounded memory; all else is counted together.</summary>
/// <remarks>
/// A. Metwally, D. Agrawal, A. El Abbadi, Efficient computation of frequent and top-k elements in data streams, ICDT 2005 (space-saving): with m counters, a category that comes when all are taken takes the place of the one with the least count
/// (of equal ones the greatest key) and inherits its count as its possible error. Every category with more than n / m values has a counter; a count is never too small and too great by at most its error, itself at most n / m. The
/// same order of values gives the same counters. An event costs O(log m).
/// </remarks>
public sealed class HeavyHitters
{
    private readonly Dictionary<ulong, Counter> _counters;
    private readonly SortedSet<Counter> _order = [];

    /// <summary>Empty counters.</summary>
    /// <param name="counters">Categories counted at a time (m). 1 to 1,000,000, default 1,000.</param>
    public HeavyHitters(int counters = 1_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(counters, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counters, 1_000_000);
        (Capacity, _counters) = (counters, new Dictionary<ulong, Counter>(counters));
    }

    /// <summary>Categories counted at a time.</summary>
    public int Capacity { get; }

    /// <summary>Values seen.</summary>
    public long Total { get; private set; }

    /// <summary>Values that no counter is sure of: of categories without a counter, and possible errors.</summary>
    public long Rest
    {
        get
        {
            var sure = 0L;
            foreach (var counter in _order)
            {
                sure += counter.Count - counter.Error;
            }

            return Total - sure;
        }
    }

    /// <summary>Counts one value of a category.</summary>
    /// <param name="key">From <see cref="Categories.Key"/>.</param>
    public void Add(ulong key)
    {
        Total++;
        var counter = new Counter(1, key, 0);
        if (_counters.TryGetValue(key, out var old))
        {
            _order.Remove(old);
            counter = old with { Count = old.Count + 1 };
        }
        else if (_counters.Count == Capacity)
        {
            var least = _order.Min;
            _order.Remove(least);
            _counters.Remove(least.Key);
            counter = new Counter(least.Count + 1, key, least.Count);
        }

        _counters[key] = counter;
        _order.Add(counter);
    }

    /// <summary>The counters, greatest count first, equal ones by key.</summary>
    public Counter[] Sorted() => [.. _order.Reverse()];

    /// <summary>Writes the counters in order: the same counters give the same bytes.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Total);
        writer.Count(_order.Count);
        foreach (var counter in _order)
        {
            writer.Write(counter.Key);
            writer.Write(counter.Count);
            writer.Write(counter.Error);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of counters with this bound.</exception>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        Total = reader.Int64();
        _counters.Clear();
        _order.Clear();
        for (var left = reader.Length(24); left > 0; left--)
        {
            var key = reader.UInt64();
            var counter = new Counter(reader.Int64(), key, reader.Int64());
            if (counter.Count < 1 || counter.Error < 0 || counter.Error >= counter.Count || _counters.Count == Capacity || !_counters.TryAdd(key, counter))
            {
                throw reader.Broken($"at most {Capacity} counters of different categories, each above its error", $"{counter}");
            }

            _order.Add(counter);
        }
    }

    /// <summary>One counter. Sorts least count first, equal ones the greatest key first.</summary>
    /// <param name="Count">Values of the category, or more by at most <paramref name="Error"/>.</param>
    /// <param name="Key">The category.</param>
    /// <param name="Error">What it inherited.</param>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1036", Justification = "the order serves sorting only")]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1034", Justification = "means nothing without its counters")]
    public readonly record struct Counter(long Count, ulong Key, long Error) : IComparable<Counter>
    {
        /// <summary>Negative where this one comes first.</summary>
        public int CompareTo(Counter other) => Count != other.Count ? Count.CompareTo(other.Count) : other.Key.CompareTo(Key);
    }
}
