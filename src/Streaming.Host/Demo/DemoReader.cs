using System.Collections.Concurrent;
using System.Text.Json;
using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>Reads signals and triggers from their topics, as a retraining pipeline would.</summary>
internal sealed class DemoReader(string bootstrapServers, Topics topics, bool verbose)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private long _read;
    private long _drifts;

    /// <summary>Signals and triggers read so far.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Signals that entered Drift.</summary>
    public long Drifts => Volatile.Read(ref _drifts);

    /// <summary>Triggers read so far, oldest first.</summary>
    public ConcurrentQueue<JsonElement> Triggers { get; } = new();

    /// <summary>Reads until told to stop.</summary>
    public void Run(CancellationToken stop)
    {
        var (signals, triggers) = (topics.Name(OutputTopic.Signals, StageRole.Decide), topics.Name(OutputTopic.Triggers, StageRole.Decide));
        var builder = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "demo-reader", EnableAutoCommit = false });
        using var consumer = (verbose ? builder : builder.SetLogHandler(static (_, _) => { })).Build();
        consumer.Assign([new TopicPartitionOffset(signals, 0, Offset.Beginning), new TopicPartitionOffset(triggers, 0, Offset.Beginning)]);
        while (!stop.IsCancellationRequested)
        {
            if (consumer.Consume(Wait) is not { Message.Value: { } value } record)
            {
                continue;
            }

            using var json = JsonDocument.Parse(value);
            if (record.Topic == triggers)
            {
                Triggers.Enqueue(json.RootElement.Clone());
            }
            else if (json.RootElement.GetProperty("data").GetProperty("level").GetString() == "drift")
            {
                Volatile.Write(ref _drifts, _drifts + 1);
            }

            Volatile.Write(ref _read, _read + 1);
        }
    }
}
