namespace Streaming.Monitoring;

/// <summary>The first records of each topic in this run: where none of them can be used, an operator is told what they look like.</summary>
internal sealed class FirstRecords
{
    /// <summary>Records that must all be dead letters.</summary>
    public const int Enough = 100;

    private const int MostKeys = 25;

    // null: a record could be used, or all has been said
    private readonly Dictionary<string, Look?> _topics = new(StringComparer.Ordinal);
    private readonly List<UnusableTopic> _unusable = [];

    /// <summary>Topics of which nothing could be used.</summary>
    public IReadOnlyList<UnusableTopic> Unusable => _unusable.Count == 0 ? [] : [.. _unusable];

    /// <summary>A record of the topic could be used: nothing is to be said any more.</summary>
    public void Used(string topic) => _topics[topic] = null;

    /// <summary>A record became a dead letter.</summary>
    public void Refused(string topic, in LogRecord record, RejectReason reason, string field)
    {
        if (!_topics.TryGetValue(topic, out var look))
        {
            _topics[topic] = look = new Look();
        }

        if (look is null)
        {
            return;
        }

        look.Take(record, field.Length == 0 ? reason.Text() : $"{reason.Text()} of {field}");
        if (look.Count == Enough)
        {
            _unusable.Add(look.Of(topic));
            _topics[topic] = null;
        }
    }

    private sealed class Look
    {
        private readonly JsonShape _shape = new();
        private readonly Dictionary<string, int> _reasons = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _formats = new(StringComparer.Ordinal);

        public int Count { get; private set; }

        public void Take(in LogRecord record, string reason)
        {
            Count++;
            var format = reason.StartsWith(RejectReason.TooBig.Text(), StringComparison.Ordinal) ? "large" : RecordFormats.Of(record, _shape).Words();
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
            _formats[format] = _formats.GetValueOrDefault(format) + 1;
        }

        public UnusableTopic Of(string topic)
        {
            var leaves = _shape.Keys.Where(static key => key.Children.Count == 0).ToList();
            var keys = string.Join(", ", leaves.Take(MostKeys).Select(static key => $"{key.Pointer} ({string.Join(" or ", EventInspection.Kinds(key).Select(static kind => kind.Name))})"));
            var rest = leaves.Count > MostKeys ? $" and {leaves.Count - MostKeys} more" : "";
            return new UnusableTopic(topic, $"{Most(_reasons)}; {Most(_formats)}", leaves.Count == 0 ? "none" : keys + rest);
        }

        private static string Most(Dictionary<string, int> counts) =>
            string.Join(", ", counts.OrderByDescending(static count => count.Value).Take(3).Select(static count => $"{count.Key} {count.Value}"));
    }
}
