using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The current window of one stream: the newest rounds, in segments that enter and leave whole.</summary>
internal sealed class StreamWindow
{
    private readonly LinkedList<(long Segment, StreamSum Sum)> _segments = [];

    /// <summary>Counts over the whole window; its means are <see cref="Mean"/> and <see cref="RawMean"/>.</summary>
    public StreamSum Total { get; } = new();

    /// <summary>Mean of the watched values (u, share).</summary>
    public double Mean => Average(static sum => sum.Moments.Mean * sum.Count);

    /// <summary>Mean of the values as they came.</summary>
    public double RawMean => Average(static sum => sum.RawSum);

    /// <summary>Adds a round to the segment with this number, which is the newest or a new one.</summary>
    public void Add(long segment, StreamSum round)
    {
        if (_segments.Last is not { } last || last.Value.Segment != segment)
        {
            last = _segments.AddLast((segment, new StreamSum()));
        }

        last.Value.Sum.Add(round);
        Total.Add(round);
    }

    /// <summary>Drops the segments before this number.</summary>
    public void DropBefore(long segment)
    {
        while (_segments.First is { } oldest && oldest.Value.Segment < segment)
        {
            Total.Subtract(oldest.Value.Sum);
            _segments.RemoveFirst();
        }
    }

    /// <summary>Writes the segments; the total follows from them.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Count(_segments.Count);
        foreach (var (segment, sum) in _segments)
        {
            writer.Count(segment);
            sum.Save(ref writer);
        }
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        for (var left = reader.Length(40); left > 0; left--)
        {
            var (segment, sum) = (reader.Count(), new StreamSum());
            sum.Load(ref reader);
            _segments.AddLast((segment, sum));
            Total.Add(sum);
        }
    }

    private double Average(Func<StreamSum, double> sumOf)
    {
        var sum = 0.0;
        foreach (var (_, part) in _segments)
        {
            sum += sumOf(part);
        }

        return Total.Count > 0 ? sum / Total.Count : 0;
    }
}
