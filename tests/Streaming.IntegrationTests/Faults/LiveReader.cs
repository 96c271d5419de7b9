using Confluent.Kafka;
using Streaming.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>Reads signals and triggers while things break, and believes committed records only: what a retraining pipeline would have acted on.</summary>
internal sealed class LiveReader : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ConsumeResult<byte[], byte[]>> _read = [];
    private readonly Task _reading;

    public LiveReader(Scene scene)
    {
        var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = scene.Servers,
            GroupId = "live-" + Guid.NewGuid(),
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
        consumer.Assign(
            from topic in (string[])[scene.Signals, scene.Triggers]
            from partition in Enumerable.Range(0, Topics.DefaultPartitions)
            select new TopicPartitionOffset(topic, partition, Offset.Beginning));
        _reading = Task.Factory.StartNew(() => Read(consumer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What it has read of a topic, in the order of each partition.</summary>
    public List<ConsumeResult<byte[], byte[]>> Of(string topic)
    {
        lock (_read)
        {
            return [.. _read.Where(record => record.Topic == topic)];
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _reading.Wait();
        _stop.Dispose();
    }

    private void Read(IConsumer<byte[], byte[]> consumer)
    {
        using (consumer)
        {
            while (!_stop.IsCancellationRequested)
            {
                if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { } record)
                {
                    continue;
                }

                lock (_read)
                {
                    _read.Add(record);
                }
            }
        }
    }
}
