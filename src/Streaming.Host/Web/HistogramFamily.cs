namespace Streaming.Host;

/// <summary>A histogram that is added up as values are recorded.</summary>
/// <remarks>
/// Recording takes the lock of one series, which only the scrape shares, while it copies a dozen numbers. Series are found by
/// looking at each, so this is for tags with a handful of values, such as the stage.
/// </remarks>
internal sealed class HistogramFamily(string name, string help, IReadOnlyList<double> boundaries, int maxSeries) : IMetricFamily
{
    private readonly double[] _boundaries = [.. boundaries.Order()];
    private readonly string[] _bucketLabels =
        [.. boundaries.Order().Append(double.PositiveInfinity).Select(static boundary => $"le=\"{TextBuffer.Format(boundary)}\"")];
    private readonly Lock _adding = new();
    private Series[] _series = [];
    private long _dropped;

    public string Name => name;

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if ((Find(Volatile.Read(ref _series), tags) ?? Add(tags)) is not { } series)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        // a value on a boundary belongs below it
        var found = Array.BinarySearch(_boundaries, value);
        series.Add(double.IsNaN(value) ? _boundaries.Length : found >= 0 ? found : ~found, value);
    }

    public void Begin()
    {
        // what was recorded stays
    }

    public void Write(ref TextBuffer text)
    {
        var all = Volatile.Read(ref _series);
        if (all.Length == 0)
        {
            return;
        }

        text.Head(name, help, "histogram");
        Span<long> buckets = stackalloc long[_bucketLabels.Length];
        foreach (var series in all)
        {
            var sum = series.Copy(buckets);
            var count = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                count += buckets[i];
                text.Sample(name, "_bucket", series.Labels, _bucketLabels[i], count);
            }

            text.Sample(name, "_sum", series.Labels, "", sum);
            text.Sample(name, "_count", series.Labels, "", count);
        }
    }

    private static Series? Find(Series[] all, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in all)
        {
            if (series.Is(tags))
            {
                return series;
            }
        }

        return null;
    }

    private Series? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_adding)
        {
            if (Find(_series, tags) is { } existing)
            {
                return existing;
            }

            // other tags may end as the same text: the values belong to the same series then
            var labels = new LabelText().Format(tags).ToString();
            var same = Array.Find(_series, series => series.Labels == labels);
            if (same is not null || _series.Length >= maxSeries)
            {
                return same;
            }

            var added = new Series(labels, tags.ToArray(), _bucketLabels.Length);
            Volatile.Write(ref _series, [.. _series.Append(added).OrderBy(static series => series.Labels, StringComparer.Ordinal)]);
            return added;
        }
    }

    private sealed class Series(string labels, KeyValuePair<string, object?>[] tags, int buckets)
    {
        private readonly Lock _lock = new();
        private readonly long[] _buckets = new long[buckets];
        private double _sum;

        public string Labels => labels;

        public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != tags.Length)
            {
                return false;
            }

            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
                {
                    return false;
                }
            }

            return true;
        }

        public void Add(int bucket, double value)
        {
            lock (_lock)
            {
                _buckets[bucket]++;
                _sum += value;
            }
        }

        public double Copy(Span<long> target)
        {
            lock (_lock)
            {
                _buckets.CopyTo(target);
                return _sum;
            }
        }
    }
}
