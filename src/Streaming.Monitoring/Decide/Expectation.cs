using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The references of one stream on all partitions, and what they let expect of a window.</summary>
internal sealed class Expectation
{
    private readonly List<StreamReference?> _references = [];
    private List<(ulong Key, double[] Shares)>? _commonest;

    /// <summary>Categories that PSI tells apart; the others are one.</summary>
    public const int Commonest = 20;

    /// <summary>Partitions that may have a reference.</summary>
    public int Partitions => _references.Count;

    public bool IsKnown(int partition) => Of(partition) is not null;

    /// <summary>The reference of a partition; null where it has none yet.</summary>
    public StreamReference? Of(int partition) => partition < _references.Count ? _references[partition] : null;

    public void Set(int partition, StreamReference reference)
    {
        while (_references.Count <= partition)
        {
            _references.Add(null);
        }

        _references[partition] = reference;
        _commonest = null;
    }

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Count(_references.Count);
        foreach (var reference in _references)
        {
            writer.Write(reference is not null);
            if (reference is not null)
            {
                ReferenceState.Save(ref writer, reference);
            }
        }
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        for (var left = reader.Length(1); left > 0; left--)
        {
            _references.Add(reader.Bool() ? ReferenceState.Load(ref reader) : null);
        }
    }

    /// <summary>Size of one sample that would vary as much as the partitions' references together: (Σn)² / Σ(n²/N).</summary>
    public double EffectiveCount(IReadOnlyList<long> perPartition)
    {
        var (n, spread) = (0.0, 0.0);
        for (var p = 0; p < perPartition.Count; p++)
        {
            if (perPartition[p] > 0 && Of(p) is { } reference)
            {
                n += perPartition[p];
                spread += (double)perPartition[p] * perPartition[p] / reference.Count;
            }
        }

        return spread > 0 ? n * n / spread : 0;
    }

    /// <summary>Mean of a figure of the references, weighted by the window's values of each partition.</summary>
    public double Weighted(IReadOnlyList<long> perPartition, Func<StreamReference, double> figure)
    {
        var (n, sum) = (0.0, 0.0);
        for (var p = 0; p < perPartition.Count; p++)
        {
            if (perPartition[p] > 0 && Of(p) is { } reference)
            {
                n += perPartition[p];
                sum += perPartition[p] * figure(reference);
            }
        }

        return n > 0 ? sum / n : 0;
    }

    /// <summary>Expected share of each u-bin: never uniform where values tie.</summary>
    public void BinShares(IReadOnlyList<long> perPartition, Span<double> shares)
    {
        shares.Clear();
        var n = 0.0;
        for (var p = 0; p < perPartition.Count; p++)
        {
            if (perPartition[p] == 0 || Of(p)?.BinShares is not { } own)
            {
                continue;
            }

            n += perPartition[p];
            for (var bin = 0; bin < shares.Length; bin++)
            {
                shares[bin] += perPartition[p] * own[bin];
            }
        }

        for (var bin = 0; bin < shares.Length && n > 0; bin++)
        {
            shares[bin] /= n;
        }
    }

    /// <summary>Expected shares and counts of the commonest categories, then of all others together; returns how many were written.</summary>
    public int Categories(StreamSum window, Span<double> shares, Span<long> counts)
    {
        _commonest ??= FindCommonest();
        var (n, rest, restCount) = (0.0, 1.0, window.Count);
        foreach (var count in window.PerPartition)
        {
            n += count;
        }

        for (var i = 0; i < _commonest.Count; i++)
        {
            var (key, perPartition) = _commonest[i];
            var expected = 0.0;
            for (var p = 0; p < window.PerPartition.Count; p++)
            {
                expected += window.PerPartition[p] * (p < perPartition.Length ? perPartition[p] : 0);
            }

            shares[i] = expected / n;
            counts[i] = window.Categories.GetValueOrDefault(key);
            rest -= shares[i];
            restCount -= counts[i];
        }

        shares[_commonest.Count] = Math.Max(0, rest);
        counts[_commonest.Count] = restCount;
        return _commonest.Count + 1;
    }

    private List<(ulong Key, double[] Shares)> FindCommonest()
    {
        var totals = new Dictionary<ulong, double[]>();
        for (var p = 0; p < _references.Count; p++)
        {
            foreach (var (key, count, _) in _references[p]?.Categories ?? [])
            {
                if (!totals.TryGetValue(key, out var shares))
                {
                    totals[key] = shares = new double[_references.Count];
                }

                shares[p] = (double)count / _references[p]!.Count;
            }
        }

        return [.. totals.OrderByDescending(static entry => entry.Value.Sum()).ThenBy(static entry => entry.Key)
            .Take(Commonest).Select(static entry => (entry.Key, entry.Value))];
    }
}
