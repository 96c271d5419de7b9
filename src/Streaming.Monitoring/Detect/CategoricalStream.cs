using System.Runtime.InteropServices;
using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A stream of categories: counts against a reference, and how many are new.</summary>
/// <remarks>Beside the counts it keeps moments of a rank u: share of the categories commoner than this one, plus half its own.</remarks>
internal sealed class CategoricalStream(string name, TimeSpan learnFor, CategoricalReference? reference, ReferenceProfile? profile = null) : IPaneStream
{
    private const ulong Missing = 0;

    private readonly Dictionary<ulong, int> _counts = [];
    private readonly Dictionary<ulong, string> _names = [];
    private LearningSample _inOrder = new();
    private ulong[] _column = [];
    private double[] _u = [];
    private CategoryCounts? _learning = reference is null ? new CategoryCounts() : null;
    private CategoricalReference? _reference = reference;
    private Dictionary<ulong, double> _ranks = reference is null ? [] : Ranks(reference);
    private double _blockVariance;
    private bool _referenceIsNew = reference is not null;
    private MomentSummary _uMoments;
    private long _new;
    private long _count;
    private long _missing;

    /// <summary>Sets the category of a row.</summary>
    public void Set(int row, ReadOnlySpan<byte> category)
    {
        var key = Categories.Key(category);
        _column[row] = key == Missing ? 1 : key;
        if (_learning is not null && _names.Count < _learning.MaxDistinct)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, _column[row], out var exists);
            if (!exists)
            {
                known = Encoding.UTF8.GetString(category);
            }
        }
    }

    public void SetMissing(int row) => _column[row] = Missing;

    public void Resize(int rows)
    {
        Array.Resize(ref _column, rows);
        _u = new double[rows];
    }

    public void Reduce(int rows, long elapsed)
    {
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            var key = _column[row];
            if (key == Missing)
            {
                continue;
            }

            if (_reference is null)
            {
                _learning!.Add(key);
                _inOrder.Add(BitConverter.UInt64BitsToDouble(key));
            }
            else
            {
                _u[count] = Observe(key);
            }

            count++;
        }

        _count += count;
        _missing += rows - count;
        if (_reference is not null)
        {
            _uMoments = _uMoments.Merge(Moments.Summary(_u.AsSpan(0, count)));
        }
        else if (LearningRule.Complete(_learning!.Total, elapsed, learnFor))
        {
            CompleteReference();
        }
    }

    public StreamPane Take()
    {
        var pane = new StreamPane(name, StreamKind.Categorical)
        {
            Count = _count,
            Missing = _missing,
            U = new Element(_uMoments.Count, _uMoments.Mean, _uMoments.M2),
            Categories = _uMoments.Count > 0 ? Sorted() : null,
            NewCategories = _new,
            Reference = _referenceIsNew ? Describe() : null,
        };
        if (_referenceIsNew)
        {
            // the names have travelled with the reference, nobody asks for them again
            _names.Clear();
        }

        _counts.Clear();
        (_count, _missing, _new, _uMoments, _referenceIsNew) = (0, 0, 0, default, false);
        return pane;
    }

    public void Save(ref StateWriter writer, int rows)
    {
        writer.Version(1);
        foreach (var key in _column.AsSpan(0, rows))
        {
            writer.Write(key);
        }

        writer.Count(_count);
        writer.Count(_missing);
        writer.Count(_new);
        _uMoments.Save(ref writer);
        var counts = Sorted();
        writer.Count(counts.Length);
        foreach (var (key, count) in counts)
        {
            writer.Write(key);
            writer.Count(count);
        }

        SaveNames(ref writer);
        writer.Write(_reference is not null);
        if (_reference is null)
        {
            _learning!.Save(ref writer);
            _inOrder.Save(ref writer);
            return;
        }

        writer.Write(_referenceIsNew);
        writer.Write(_blockVariance);
        _reference.Save(ref writer);
    }

    public void Load(ref StateReader reader, int rows)
    {
        reader.RequireVersion(1);
        for (var row = 0; row < rows; row++)
        {
            _column[row] = reader.UInt64();
        }

        (_count, _missing, _new, _uMoments) = (reader.Count(), reader.Count(), reader.Count(), MomentSummary.Load(ref reader));
        for (var left = reader.Length(9); left > 0; left--)
        {
            _counts[reader.UInt64()] = (int)reader.Count();
        }

        for (var left = reader.Length(12); left > 0; left--)
        {
            _names[reader.UInt64()] = reader.Text();
        }

        (_learning, _reference, _referenceIsNew) = (null, null, false);
        if (!reader.Bool())
        {
            _learning = new CategoryCounts();
            _learning.Load(ref reader);
            _inOrder.Load(ref reader);
            return;
        }

        (_referenceIsNew, _blockVariance, _reference) = (reader.Bool(), reader.Double(), CategoricalReference.Load(ref reader));
        _ranks = Ranks(_reference);
    }

    private static Dictionary<ulong, double> Ranks(CategoricalReference reference)
    {
        var (ranks, before) = (new Dictionary<ulong, double>(), 0.0);
        foreach (var entry in reference.Entries)
        {
            var share = (double)entry.Count / reference.Count;
            ranks[entry.Key] = before + (share / 2);
            before += share;
        }

        return ranks;
    }

    private double Observe(ulong key)
    {
        if (!_ranks.TryGetValue(key, out var rank))
        {
            _new++;
            return 1;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;
        return rank;
    }

    private KeyValuePair<ulong, int>[] Sorted()
    {
        var sorted = _counts.ToArray();
        Array.Sort(sorted, static (a, b) => a.Key.CompareTo(b.Key));
        return sorted;
    }

    private void SaveNames(ref StateWriter writer)
    {
        var names = _names.ToArray();
        Array.Sort(names, static (a, b) => a.Key.CompareTo(b.Key));
        writer.Count(names.Length);
        foreach (var (key, name) in names)
        {
            writer.Write(key);
            writer.Write(name);
        }
    }

    private void CompleteReference()
    {
        _reference = CategoricalReference.Build(_learning!, _learning!.Total);
        _ranks = Ranks(_reference);
        if (learnFor > TimeSpan.Zero)
        {
            var commonest = Math.Min(Expectation.Commonest, _reference.Entries.Length);
            var cells = new int[_inOrder.Count];
            for (var i = 0; i < cells.Length; i++)
            {
                var place = _reference.IndexOf(BitConverter.DoubleToUInt64Bits(_inOrder.Values[i]));
                cells[i] = place < 0 ? commonest : Math.Min(commonest, place);
            }

            _blockVariance = LearningRule.BlockContingency(cells, commonest + 1);
        }

        (_learning, _inOrder, _referenceIsNew) = (null, new LearningSample(), true);
    }

    private StreamReference Describe()
    {
        var categories = new CategoryShare[_reference!.Entries.Length];
        for (var i = 0; i < categories.Length; i++)
        {
            var (key, count) = _reference.Entries[i];
            categories[i] = new CategoryShare(key, count, _names.GetValueOrDefault(key) ?? profile?.CategoryOf(key) ?? "");
        }

        // categories beyond those counted one by one look new to the reference, so their share is part of what it lets expect
        var newShare = _reference.NewShare + ((double)_reference.Rest / _reference.Count);
        return new StreamReference(_reference.Count, 0, _blockVariance, null, categories, newShare);
    }
}
