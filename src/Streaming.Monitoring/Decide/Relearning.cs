using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Learns from panes what is normal from now on, when a person or a pipeline says that it has changed for good.</summary>
/// <remarks>
/// DETECT's references stay: a value's rank in them is still a rank, and what is normal becomes the distribution of these ranks. So a model that
/// was retrained under its old version, or without one, is judged against itself as it is now, without a word to any partition of the input.
/// </remarks>
internal sealed class Relearning(long since)
{
    private readonly List<(Element Raw, StreamSum Sum)> _partitions = [];
    private long _observed;

    /// <summary>Adds one partition's pane.</summary>
    public void Add(int partition, in Element element, StreamPane pane)
    {
        while (_partitions.Count <= partition)
        {
            _partitions.Add((default, new StreamSum()));
        }

        var (raw, sum) = _partitions[partition];
        sum.Add(0, element, pane.Mean, pane);
        _partitions[partition] = (raw.Merge(new Element(pane.Count, pane.Mean, pane.M2)), sum);
        _observed += element.Count;
    }

    /// <summary>Whether it has seen enough: the same rule as for a reference learnt from events.</summary>
    public bool IsComplete(long watermark, TimeSpan learnFor) => LearningRule.Complete(_observed, watermark - since, learnFor);

    /// <summary>Replaces the references of all partitions; one that gave too few values gets what all of them gave.</summary>
    public void Complete(Expectation expected)
    {
        var all = (Raw: default(Element), Sum: new StreamSum());
        foreach (var (raw, sum) in _partitions)
        {
            all.Raw = all.Raw.Merge(raw);
            all.Sum.Add(sum);
        }

        for (var partition = 0; partition < Math.Max(_partitions.Count, expected.Partitions); partition++)
        {
            var own = partition < _partitions.Count && _partitions[partition].Sum.Count >= LearningRule.FewestValues ? _partitions[partition] : all;
            expected.Set(partition, Of(own, expected.Of(partition)));
        }
    }

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(since);
        writer.Count(_observed);
        writer.Count(_partitions.Count);
        foreach (var (raw, sum) in _partitions)
        {
            raw.Save(ref writer);
            sum.Save(ref writer);
        }
    }

    public static Relearning Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        var loaded = new Relearning(reader.Int64()) { _observed = reader.Count() };
        for (var left = reader.Length(20); left > 0; left--)
        {
            var (raw, sum) = (Element.Load(ref reader), new StreamSum());
            sum.Load(ref reader);
            loaded._partitions.Add((raw, sum));
        }

        return loaded;
    }

    /// <summary>What was learnt; how much the stream moves within a cycle is taken over, since panes do not tell.</summary>
    private static StreamReference Of((Element Raw, StreamSum Sum) learnt, StreamReference? old)
    {
        var sum = learnt.Sum;
        var binned = old?.BinShares is not null && sum.Count > 0;
        return new StreamReference(
            sum.Count,
            learnt.Raw.Mean,
            old?.BlockVariance ?? 0,
            binned ? [.. sum.Bins.Select(count => (double)count / sum.Count)] : null,
            old?.Categories is { } known
                ? [.. known.Select(category => category with { Count = sum.Categories.GetValueOrDefault(category.Key) })
                    .OrderByDescending(static category => category.Count).ThenBy(static category => category.Key)]
                : null,
            sum.Count > 0 ? (double)sum.NewCategories / sum.Count : 0);
    }
}
