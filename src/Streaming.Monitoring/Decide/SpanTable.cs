using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Offset spans as state: each input partition is named once, and a span is told as its distance from the one before.</summary>
internal sealed class SpanTable
{
    private readonly List<(string Topic, int Partition, Guid TopicId)> _inputs = [];
    private readonly Dictionary<(string Topic, int Partition, Guid TopicId), int> _numbers = [];
    private readonly List<long> _ends = [];

    public void Save(ref StateWriter writer, IReadOnlyList<OffsetSpan> spans)
    {
        writer.Count(spans.Count);
        foreach (var span in spans)
        {
            var input = (span.Topic, span.Partition, span.TopicId);
            if (!_numbers.TryGetValue(input, out var number))
            {
                // a number that is one too high announces a new name
                number = Add(input);
                writer.Count(number);
                writer.Write(span.Topic);
                writer.Count(span.Partition);
                writer.Write(span.TopicId);
            }
            else
            {
                writer.Count(number);
            }

            writer.Signed(span.FromOffset - _ends[number]);
            writer.Signed(span.ToOffset - span.FromOffset);
            _ends[number] = span.ToOffset;
        }
    }

    public List<OffsetSpan> Load(ref StateReader reader)
    {
        var length = reader.Length(3);
        var spans = new List<OffsetSpan>(length);
        for (var left = length; left > 0; left--)
        {
            var number = reader.Count();
            if (number == _inputs.Count)
            {
                Add((reader.Text(), Partition(ref reader), reader.Guid()));
            }

            if (number >= _inputs.Count)
            {
                throw reader.Broken($"an input partition below {_inputs.Count}", number.ToString());
            }

            var (topic, partition, topicId) = _inputs[(int)number];
            var from = _ends[(int)number] + reader.Signed();
            var to = from + reader.Signed();
            _ends[(int)number] = to;
            spans.Add(new OffsetSpan(topic, partition, from, to, topicId));
        }

        return spans;
    }

    private static int Partition(ref StateReader reader) => (int)reader.Count();

    private int Add((string Topic, int Partition, Guid TopicId) input)
    {
        _inputs.Add(input);
        _ends.Add(0);
        return _numbers[input] = _inputs.Count - 1;
    }
}
