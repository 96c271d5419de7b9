using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>A stage that is fed one partition's log in one go: what it writes, and its state at chosen offsets.</summary>
internal sealed class StageReplay
{
    private readonly Dictionary<string, (StateKey Key, byte[]? Value)> _state = new(StringComparer.Ordinal);

    /// <summary>Feeds the log, with a halt before each of the offsets to take the state of monitors that changed.</summary>
    public StageReplay(IStage stage, string topic, Guid topicId, int partition, LogRecord[] log, IEnumerable<long> offsets)
    {
        stage.Assign(topic, partition, topicId);
        var from = 0;
        foreach (var offset in offsets.Append(long.MaxValue).Distinct().Order())
        {
            var to = from;
            while (to < log.Length && log[to].Offset < offset)
            {
                to++;
            }

            var written = new List<OutputRecord>();
            stage.Process(topic, partition, log.AsSpan(from, to - from), written);
            if (offset < long.MaxValue)
            {
                stage.Save(topic, partition, SaveScope.Everything, written);
            }

            Take(written);
            from = to;
        }
    }

    /// <summary>Outputs other than state, in order.</summary>
    public List<OutputRecord> Written { get; } = [];

    /// <summary>State of a key and, for a monitor, of the offset it contains; null where there is none.</summary>
    public byte[]? State(StateKey key, byte[] saved) => _state.GetValueOrDefault(Name(key, saved)).Value;

    private static string Name(StateKey key, byte[] value) =>
        Convert.ToHexString(key.Encode()) + (key.Kind == StateKind.Monitor ? "@" + StateSummary.Read(value).Contained : "");

    private void Take(List<OutputRecord> written)
    {
        foreach (var record in written)
        {
            if (record.Topic != OutputTopic.State)
            {
                Written.Add(record);
            }
            else if (record.Value is not null)
            {
                var key = StateKey.Decode(record.Key!);
                _state[Name(key, record.Value)] = (key, record.Value);
            }
        }
    }
}
