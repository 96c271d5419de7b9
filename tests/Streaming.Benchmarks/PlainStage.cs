using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>One stage in a loop that promises at-least-once and no more: consume, process, produce, flush, commit offsets.</summary>
internal sealed class PlainStage : IDisposable
{
    private const int Batch = 512;

    private readonly KafkaOptions _kafka;
    private readonly IStage _stage;
    private readonly Layout _layout;
    private readonly string _topic;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Dictionary<int, List<LogRecord>> _queues = [];
    private readonly List<OutputRecord> _outputs = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private long _taken;
    private long _committed;

    public PlainStage(KafkaOptions kafka, StageRole role)
    {
        (_kafka, _stage) = (kafka, RunningStages.Stage(role, kafka.Group, new Topics(kafka.Prefix).Commands));
        Layout? layout = null;
        RunningStages.Wait(() => (layout = Find(kafka, role)) is not null);
        _layout = layout!;
        _topic = _layout.Inputs[0];
        _consumer = Consumer(kafka, kafka.Group + "." + role, _topic);
        var producer = KafkaProperties.Producer(kafka, "none");
        producer.TransactionalId = null;
        producer.EnableIdempotence = true;
        _producer = new ProducerBuilder<byte[], byte[]>(producer).SetLogHandler(static (_, _) => { }).Build();
        _thread = new Thread(Run) { Name = "plain-" + role };
        _thread.Start();
    }

    /// <summary>Records whose outputs are acknowledged and whose offsets are committed.</summary>
    public long Committed => Interlocked.Read(ref _committed);

    /// <summary>A consumer as driftd configures it, in a group of its own, from the beginning.</summary>
    public static IConsumer<byte[], byte[]> Consumer(KafkaOptions kafka, string group, string topic)
    {
        var configuration = KafkaProperties.Consumer(kafka, group);
        configuration.AutoOffsetReset = AutoOffsetReset.Earliest;
        var consumer = new ConsumerBuilder<byte[], byte[]>(configuration).SetLogHandler(static (_, _) => { }).Build();
        consumer.Subscribe(topic);
        return consumer;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _consumer.Close();
        _consumer.Dispose();
        _producer.Dispose();
        _stop.Dispose();
    }

    /// <summary>The topics, once a broker that was told to make them knows them.</summary>
    private static Layout? Find(KafkaOptions kafka, StageRole role)
    {
        using var admin = KafkaProperties.Admin(kafka);
        try
        {
            return new Topics(kafka.Prefix).Find(admin, role, kafka);
        }
        catch (MissingTopicException)
        {
            return null;
        }
    }

    private void Run()
    {
        var committedAt = Stopwatch.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            if (_consumer.Consume(20) is { } result && !result.IsPartitionEOF)
            {
                Take(result);
            }

            if (Stopwatch.GetElapsedTime(committedAt) >= _kafka.CommitInterval)
            {
                Commit();
                committedAt = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Take(ConsumeResult<byte[], byte[]> result)
    {
        var partition = result.Partition.Value;
        if (!_queues.TryGetValue(partition, out var queue))
        {
            _queues[partition] = queue = new List<LogRecord>(Batch);
            _stage.Assign(_topic, partition, _layout.Id(_topic));
        }

        queue.Add(new LogRecord(result.Offset.Value, result.Message.Timestamp.UnixTimestampMs, result.Message.Key, result.Message.Value));
        if (queue.Count == Batch)
        {
            Process(partition, queue);
        }
    }

    private void Process(int partition, List<LogRecord> queue)
    {
        _stage.Process(_topic, partition, CollectionsMarshal.AsSpan(queue), _outputs);
        _taken += queue.Count;
        queue.Clear();
        foreach (var output in _outputs)
        {
            if (output.Topic != OutputTopic.State)
            {
                Publishing.Produce(_producer, _layout.Of(output), new() { Key = output.Key!, Value = output.Value! });
            }
        }

        _outputs.Clear();
    }

    private void Commit()
    {
        foreach (var (partition, queue) in _queues)
        {
            Process(partition, queue);
        }

        _producer.Flush();
        if (_taken > _committed)
        {
            _consumer.Commit(
                _consumer.Assignment.Select(partition => new TopicPartitionOffset(partition, _consumer.Position(partition))).Where(static at => at.Offset.Value >= 0));
            Interlocked.Exchange(ref _committed, _taken);
        }
    }
}
