using System.Diagnostics;
using Confluent.Kafka;
using Streaming.Host;

namespace Streaming.IntegrationTests;

/// <summary>Publishes the events of a seeded scenario whose model gets worse at a known event, in the background.</summary>
internal sealed class Feed : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _enough = new();

    /// <summary>Begins; the whole scenario at once, or so many events a second.</summary>
    public Feed(Scene scene, long events, ulong seed, int perSecond = int.MaxValue, long changeAt = 30_000)
    {
        var scenario = new Scenario { Kind = ScenarioKind.Credit, Seed = seed, Events = events, Partitions = scene.Partitions, Shift = 0.2, ChangeAt = Math.Min(changeAt, events / 2) };
        Published = Task.Run(() => Publish(scene, scenario, perSecond, _enough.Token));
    }

    /// <summary>Completes when all are acknowledged, or enough was said; how many.</summary>
    public Task<long> Published { get; }

    /// <summary>No more than have been published by now.</summary>
    public void Enough() => _enough.Cancel();

    public void Dispose() => _enough.Dispose();

    /// <summary>A producer as the tests use it: nothing lost, nothing twice, in order.</summary>
    public static IProducer<byte[]?, byte[]?> Producer(string servers, int messageBytes = 1_000_000) => new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
    {
        BootstrapServers = servers,
        EnableIdempotence = true,
        LingerMs = 20,
        CompressionType = CompressionType.Lz4,
        MessageMaxBytes = messageBytes,
    }).Build();

    private static async Task<long> Publish(Scene scene, Scenario scenario, int perSecond, CancellationToken enough)
    {
        using var producer = Producer(scene.Servers);
        using var timer = new PeriodicTimer(Tick);
        var (count, watch, begin) = (0L, Stopwatch.StartNew(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        foreach (var one in new EventGenerator(scenario).Events())
        {
            while (!enough.IsCancellationRequested && count >= perSecond * watch.Elapsed.TotalSeconds)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }

            if (enough.IsCancellationRequested)
            {
                break;
            }

            Send(producer, new TopicPartition(scene.Topic, one.Partition), one.Key, one.Value, begin + one.Time - EventGenerator.Start);
            count++;
        }

        producer.Flush(CancellationToken.None);
        return count;
    }

    /// <summary>Hands one record over; waits where the queue is full. Its Kafka timestamp, by which panes are closed, is now unless it is given.</summary>
    public static void Send(IProducer<byte[]?, byte[]?> producer, TopicPartition partition, byte[]? key, byte[]? value, long? timestamp = null)
    {
        var message = new Message<byte[]?, byte[]?> { Key = key, Value = value, Timestamp = timestamp is { } at ? new Timestamp(at, TimestampType.CreateTime) : Timestamp.Default };
        while (true)
        {
            try
            {
                producer.Produce(partition, message, static report => Assert.False(report.Error.IsError, report.Error.Reason));
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(Tick);
            }
        }
    }
}
