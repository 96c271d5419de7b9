namespace Streaming.Drift;

/// <summary>What normal was for one categorical stream: how often each category occurred.</summary>
public sealed class CategoricalReference
{
    private readonly CategoryCount[] _entries;
    private readonly ulong[] _keys;  // the same categories in order of key, to find one
    private readonly int[] _ranks;

    private CategoricalReference(CategoryCount[] entries, long rest, long observed)
    {
        (_entries, Rest) = (entries, rest);
        (_keys, _ranks) = (new ulong[entries.Length], new int[entries.Length]);
        for (var i = 0; i < entries.Length; i++)
        {
            (_keys[i], _ranks[i]) = (entries[i].Key, i);
            Count += entries[i].Count;
            Singletons += entries[i].Count == 1 ? 1 : 0;
        }

        Array.Sort(_keys, _ranks);
        Count += rest;
        Observed = Math.Max(observed, Count);
    }

    /// <summary>The categories, commonest first, equal ones by key.</summary>
    public ReadOnlySpan<CategoryCount> Entries => _entries;

    /// <summary>Number of values the shares rest on: N, where sampling error is judged.</summary>
    public long Count { get; }

    /// <summary>Number of values that went by while learning; more than <see cref="Count"/> where they were thinned.</summary>
    public long Observed { get; }

    /// <summary>Values of categories beyond the bound of distinct ones; above 0, an unseen key need not be a new category.</summary>
    public long Rest { get; }

    /// <summary>Categories that occurred exactly once.</summary>
    public long Singletons { get; }

    /// <summary>Share of future values to be expected in categories not seen so far: singletons / total.</summary>
    /// <remarks>I. J. Good, The population frequencies of species and the estimation of population parameters,
    /// Biometrika 40, 1953 (Turing's estimate).</remarks>
    public double NewShare => (double)Singletons / Count;

    /// <summary>Keeps what was counted while learning.</summary>
    /// <param name="counts">The counts; not kept.</param>
    /// <param name="observed">How many values they stand for; at least their total.</param>
    /// <exception cref="ArgumentException">Nothing was counted.</exception>
    public static CategoricalReference Build(CategoryCounts counts, long observed)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return counts.Total > 0
            ? new CategoricalReference(counts.Sorted(), counts.Rest, observed)
            : throw new ArgumentException("a reference needs at least one value, found none", nameof(counts));
    }

    /// <summary>Place of a category among <see cref="Entries"/>; −1 for one not there.</summary>
    public int IndexOf(ulong key)
    {
        var found = _keys.AsSpan().BinarySearch(key);
        return found < 0 ? -1 : _ranks[found];
    }

    /// <summary>Share of a category; 0 for one not among <see cref="Entries"/>.</summary>
    public double Share(ulong key) => IndexOf(key) is var index and >= 0 ? (double)_entries[index].Count / Count : 0;

    /// <summary>Shares of the commonest categories, and of all the others in the last element; they sum to 1.</summary>
    /// <param name="shares">One element more than categories wanted; those that do not exist get 0.</param>
    public void Shares(Span<double> shares)
    {
        shares.Clear();
        var rest = Count;
        for (var i = 0; i < shares.Length - 1 && i < _entries.Length; i++)
        {
            shares[i] = (double)_entries[i].Count / Count;
            rest -= _entries[i].Count;
        }

        shares[^1] = (double)rest / Count;
    }

    /// <summary>Writes counts and totals.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Rest);
        writer.Write(Observed);
        writer.Write(_entries.Length);
        foreach (var (key, count) in _entries)
        {
            writer.Write((long)key);
            writer.Write(count);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of a reference.</exception>
    public static CategoricalReference Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        var (rest, observed, length) = (reader.Int64(), reader.Int64(), reader.Int32());
        if (length < 0 || length > reader.Remaining / 16 || rest < 0 || rest + length == 0)
        {
            throw new InvalidDataException($"state of a reference: expected at most {reader.Remaining / 16} categories, found {length}");
        }

        var entries = new CategoryCount[length];
        for (var i = 0; i < length; i++)
        {
            entries[i] = new CategoryCount((ulong)reader.Int64(), reader.Int64());
            if (entries[i].Count < 1)
            {
                throw new InvalidDataException($"state of a reference: expected a count of at least 1, found {entries[i].Count}");
            }
        }

        return new CategoricalReference(entries, rest, observed);
    }
}
