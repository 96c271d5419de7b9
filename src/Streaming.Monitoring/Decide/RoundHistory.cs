using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Where in the input each round lies: exact for the newest rounds, coarser the older they are.</summary>
/// <remarks>An exponential histogram: 128 entries a level, two of the oldest of a level become one of the next, so a change's age is rounded
/// up by less than 1/64 of itself.</remarks>
internal sealed class RoundHistory
{
    private const int PerLevel = 128;

    private readonly List<List<Entry>> _levels = [];

    /// <summary>Adds the newest round: the first offset of each partition in it, and its smallest event time.</summary>
    public void Add(IReadOnlyList<OffsetSpan> spans, long firstTime)
    {
        var carried = new Entry(1, firstTime, [.. spans]);
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count)
            {
                _levels.Add([]);
            }

            var entries = _levels[level];
            entries.Add(carried);
            if (entries.Count <= PerLevel)
            {
                return;
            }

            carried = Entry.Join(entries[0], entries[1]);
            entries.RemoveRange(0, 2);
        }
    }

    /// <summary>The input since the change <paramref name="rounds"/> rounds ago: its first event time, and offsets up to the newest round.</summary>
    public (long FirstTime, List<OffsetSpan> Spans) Since(long rounds)
    {
        var covering = new List<Entry>();
        var covered = 0L;
        foreach (var entries in _levels)
        {
            for (var i = entries.Count - 1; i >= 0 && covered < rounds; i--)
            {
                covering.Add(entries[i]);
                covered += entries[i].Rounds;
            }
        }

        var (firstTime, spans) = (long.MaxValue, new List<OffsetSpan>());
        for (var i = covering.Count - 1; i >= 0; i--)
        {
            firstTime = Math.Min(firstTime, covering[i].FirstTime);
            OffsetSpan.Extend(spans, covering[i].Spans);
        }

        spans.Sort(static (a, b) =>
        {
            var topic = string.CompareOrdinal(a.Topic, b.Topic);
            return topic != 0 ? topic : a.Partition.CompareTo(b.Partition);
        });
        return (firstTime, spans);
    }

    /// <summary>Writes the rounds, oldest first.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Count(_levels.Count);
        var spans = new SpanTable();
        for (var level = _levels.Count - 1; level >= 0; level--)
        {
            writer.Count(_levels[level].Count);
            foreach (var entry in _levels[level])
            {
                writer.Count(entry.Rounds);
                writer.Write(entry.FirstTime);
                spans.Save(ref writer, entry.Spans);
            }
        }
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        var spans = new SpanTable();
        for (var left = reader.Length(1); left > 0; left--)
        {
            var entries = new List<Entry>();
            for (var more = reader.Length(10); more > 0; more--)
            {
                entries.Add(new Entry(reader.Count(), reader.Int64(), spans.Load(ref reader)));
            }

            _levels.Insert(0, entries);
        }
    }

    private sealed record Entry(long Rounds, long FirstTime, List<OffsetSpan> Spans)
    {
        public static Entry Join(Entry older, Entry newer)
        {
            OffsetSpan.Extend(older.Spans, newer.Spans);
            return new Entry(older.Rounds + newer.Rounds, Math.Min(older.FirstTime, newer.FirstTime), older.Spans);
        }
    }
}
