using System.Diagnostics.CodeAnalysis;

namespace Streaming.Drift;

/// <summary>Counts categories, up to a bound of distinct ones; all further ones together.</summary>
/// <remarks>Open addressing over a table made once: adding allocates nothing.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "a count per category, not a general collection")]
public sealed class CategoryCounts
{
    /// <summary>Distinct categories that are counted one by one unless told otherwise.</summary>
    public const int DefaultDistinct = 1_000;

    private readonly ulong[] _keys;
    private readonly long[] _counts; // 0: the slot is free

    /// <summary>An empty count.</summary>
    /// <param name="maxDistinct">Categories counted one by one. 1 to 1,000,000, default 1,000.</param>
    public CategoryCounts(int maxDistinct = DefaultDistinct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDistinct, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDistinct, 1_000_000);
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)maxDistinct * 2);
        (_keys, _counts, MaxDistinct) = (new ulong[size], new long[size], maxDistinct);
    }

    /// <summary>Categories that can be counted one by one.</summary>
    public int MaxDistinct { get; }

    /// <summary>Categories counted one by one so far.</summary>
    public int Distinct { get; private set; }

    /// <summary>Values of the categories that came when there was no room for more.</summary>
    public long Rest { get; private set; }

    /// <summary>All values counted, <see cref="Rest"/> included.</summary>
    public long Total { get; private set; }

    /// <summary>How often a category was counted; 0 for one unseen or in <see cref="Rest"/>.</summary>
    public long this[ulong key] => _counts[Slot(key)];

    /// <summary>Counts one value of a category.</summary>
    public void Add(ulong key) => Add(key, 1);

    /// <summary>Counts several values of a category.</summary>
    /// <param name="key">From <see cref="Categories.Key"/>.</param>
    /// <param name="count">At least 1.</param>
    public void Add(ulong key, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Total += count;
        var slot = Slot(key);
        if (_counts[slot] > 0)
        {
            _counts[slot] += count;
        }
        else if (Distinct < MaxDistinct)
        {
            (_keys[slot], _counts[slot]) = (key, count);
            Distinct++;
        }
        else
        {
            Rest += count;
        }
    }

    /// <summary>Counts values of unknown categories into <see cref="Rest"/>.</summary>
    public void AddRest(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        (Rest, Total) = (Rest + count, Total + count);
    }

    /// <summary>The counts, commonest first, equal ones by key.</summary>
    public CategoryCount[] Sorted()
    {
        var entries = new CategoryCount[Distinct];
        var next = 0;
        for (var slot = 0; slot < _counts.Length; slot++)
        {
            if (_counts[slot] > 0)
            {
                entries[next++] = new CategoryCount(_keys[slot], _counts[slot]);
            }
        }

        Array.Sort(entries);
        return entries;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (Distinct, Rest, Total) = (0, 0, 0);
    }

    /// <summary>Writes the counts in sorted order: the same counts give the same bytes, whatever the order they came in.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Rest);
        writer.Write(Distinct);
        foreach (var (key, count) in Sorted())
        {
            writer.Write((long)key);
            writer.Write(count);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, in place of what was counted.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of counts with this bound.</exception>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        Clear();
        var rest = reader.Int64();
        var distinct = reader.Int32();
        if ((uint)distinct > (uint)MaxDistinct || rest < 0)
        {
            throw new InvalidDataException($"state of category counts: expected 0 to {MaxDistinct} categories, found {distinct}");
        }

        for (var i = 0; i < distinct; i++)
        {
            var (key, count) = ((ulong)reader.Int64(), reader.Int64());
            if (count < 1)
            {
                throw new InvalidDataException($"state of category counts: expected a count of at least 1, found {count}");
            }

            Add(key, count);
        }

        AddRest(rest);
    }

    private int Slot(ulong key)
    {
        var mask = _keys.Length - 1;
        var slot = (int)key & mask;
        while (_counts[slot] > 0 && _keys[slot] != key)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}

/// <summary>How often one category occurred. Sorts commonest first, equal ones by key.</summary>
/// <param name="Key">From <see cref="Categories.Key"/>.</param>
/// <param name="Count">Number of values, at least 1.</param>
[SuppressMessage("Design", "CA1036", Justification = "the order serves sorting only")]
public readonly record struct CategoryCount(ulong Key, long Count) : IComparable<CategoryCount>
{
    /// <summary>Negative where this one comes first.</summary>
    public int CompareTo(CategoryCount other) =>
        Count != other.Count ? other.Count.CompareTo(Count) : Key.CompareTo(other.Key);
}
