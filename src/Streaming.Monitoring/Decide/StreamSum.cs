using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Panes of one stream, added: counts that can be taken off again, and sums for people to read.</summary>
internal sealed class StreamSum
{
    private readonly List<long> _perPartition = [];

    /// <summary>Counts of u-values per bin.</summary>
    public long[] Bins { get; } = new long[NumericReference.Bins];

    /// <summary>Counts per category known to a reference.</summary>
    public Dictionary<ulong, long> Categories { get; } = [];

    /// <summary>Values of categories new to the references.</summary>
    public long NewCategories { get; private set; }

    /// <summary>Values beyond the least and the largest of the references.</summary>
    public long OutOfRange { get; private set; }

    /// <summary>Events without a value.</summary>
    public long Missing { get; private set; }

    /// <summary>Values that were compared with a reference, of all partitions.</summary>
    public long Count { get; private set; }

    /// <summary>Mean and M2 of those values (u, error, share); exact for a round, not kept by <see cref="Subtract"/>.</summary>
    public Element Moments { get; private set; }

    /// <summary>Sum of the values as they came; not kept by <see cref="Subtract"/>.</summary>
    public double RawSum { get; private set; }

    /// <summary>Those values per partition, numbered by the version.</summary>
    public IReadOnlyList<long> PerPartition => _perPartition;

    public void Add(int partition, in Element element, double rawMean, StreamPane pane)
    {
        Count += element.Count;
        Moments = Moments.Merge(element);
        RawSum += rawMean * element.Count;
        AddTo(partition, element.Count);
        if (pane.Histogram is { } histogram)
        {
            for (var bin = 0; bin < Bins.Length; bin++)
            {
                Bins[bin] += histogram[bin];
            }
        }

        foreach (var (key, count) in pane.Categories ?? [])
        {
            Categories[key] = Categories.GetValueOrDefault(key) + count;
        }

        NewCategories += pane.NewCategories;
        OutOfRange += pane.OutOfRange;
    }

    public void AddMissing(long count) => Missing += count;

    public void Add(StreamSum other)
    {
        Combine(other, 1);
        Moments = Moments.Merge(other.Moments);
        RawSum += other.RawSum;
    }

    public void Subtract(StreamSum other) => Combine(other, -1);

    public void Clear()
    {
        Array.Clear(Bins);
        Categories.Clear();
        _perPartition.Clear();
        (NewCategories, OutOfRange, Missing, Count, Moments, RawSum) = (0, 0, 0, 0, default, 0);
    }

    public void Save(ref StateWriter writer)
    {
        writer.Count(Count);
        Moments.Save(ref writer);
        writer.Write(RawSum);
        writer.Count(NewCategories);
        writer.Count(OutOfRange);
        writer.Count(Missing);
        writer.Count(_perPartition.Count);
        foreach (var count in _perPartition)
        {
            writer.Count(count);
        }

        var hasBins = Array.Exists(Bins, static count => count > 0);
        writer.Write(hasBins);
        for (var bin = 0; bin < Bins.Length && hasBins; bin++)
        {
            writer.Count(Bins[bin]);
        }

        writer.Count(Categories.Count);
        foreach (var (key, count) in Categories.OrderBy(static entry => entry.Key))
        {
            writer.Write(key);
            writer.Count(count);
        }
    }

    public void Load(ref StateReader reader)
    {
        (Count, Moments, RawSum) = (reader.Count(), Element.Load(ref reader), reader.Double());
        (NewCategories, OutOfRange, Missing) = (reader.Count(), reader.Count(), reader.Count());
        for (var left = reader.Length(1); left > 0; left--)
        {
            _perPartition.Add(reader.Count());
        }

        var hasBins = reader.Bool();
        for (var bin = 0; bin < Bins.Length && hasBins; bin++)
        {
            Bins[bin] = reader.Count();
        }

        for (var left = reader.Length(9); left > 0; left--)
        {
            Categories[reader.UInt64()] = reader.Count();
        }
    }

    private void Combine(StreamSum other, int sign)
    {
        for (var bin = 0; bin < Bins.Length; bin++)
        {
            Bins[bin] += sign * other.Bins[bin];
        }

        foreach (var (key, count) in other.Categories)
        {
            Categories[key] = Categories.GetValueOrDefault(key) + (sign * count);
        }

        for (var partition = 0; partition < other._perPartition.Count; partition++)
        {
            AddTo(partition, sign * other._perPartition[partition]);
        }

        NewCategories += sign * other.NewCategories;
        OutOfRange += sign * other.OutOfRange;
        Missing += sign * other.Missing;
        Count += sign * other.Count;
    }

    private void AddTo(int partition, long count)
    {
        while (_perPartition.Count <= partition)
        {
            _perPartition.Add(0);
        }

        _perPartition[partition] += count;
    }
}
