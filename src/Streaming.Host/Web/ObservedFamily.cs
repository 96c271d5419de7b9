namespace Streaming.Host;

/// <summary>A counter or gauge that is read at each scrape.</summary>
/// <remarks>
/// A series keeps its place as long as it is measured: a full family shows the same series at each scrape, and their text is made once.
/// Two series that end as the same text, because a long value was cut, are added up where that means something (counters);
/// of gauges the first one stays.
/// </remarks>
internal sealed class ObservedFamily : IMetricFamily
{
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Series>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly List<Series> _sorted = [];
    private readonly string _help;
    private readonly bool _adds;
    private readonly int _maxSeries;
    private int _measured;
    private long _scrape;

    public ObservedFamily(string name, string help, bool adds, int maxSeries)
    {
        (Name, _help, _adds, _maxSeries) = (name, help, adds, maxSeries);
        _bySpan = _series.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public string Name { get; }

    public long Dropped { get; private set; }

    public void Begin() => (_scrape, _measured) = (_scrape + 1, 0);

    public void Measure(double value, ReadOnlySpan<char> labels)
    {
        if (!_bySpan.TryGetValue(labels, out var series))
        {
            if (_series.Count >= _maxSeries)
            {
                Dropped++;
                return;
            }

            series = new Series(labels.ToString());
            _series.Add(series.Labels, series);
            _sorted.Clear();
        }

        if (series.Scrape != _scrape)
        {
            (series.Scrape, series.Value) = (_scrape, value);
            _measured++;
        }
        else if (_adds)
        {
            series.Value += value;
        }
        else
        {
            Dropped++;
        }
    }

    public void Write(ref TextBuffer text)
    {
        Sort();
        if (_sorted.Count == 0)
        {
            return;
        }

        text.Head(Name, _help, _adds ? "counter" : "gauge");
        foreach (var series in _sorted)
        {
            text.Sample(Name, "", series.Labels, "", series.Value);
        }
    }

    private void Sort()
    {
        if (_measured < _series.Count)
        {
            foreach (var gone in _series.Values.Where(series => series.Scrape != _scrape).ToList())
            {
                _series.Remove(gone.Labels);
            }

            _sorted.Clear();
        }

        if (_sorted.Count == 0)
        {
            _sorted.AddRange(_series.Values);
            _sorted.Sort(static (a, b) => string.CompareOrdinal(a.Labels, b.Labels));
        }
    }

    private sealed class Series(string labels)
    {
        public string Labels { get; } = labels;

        public double Value { get; set; }

        public long Scrape { get; set; }
    }
}
