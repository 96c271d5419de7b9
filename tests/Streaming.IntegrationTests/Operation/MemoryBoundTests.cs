using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>What waits is bounded, whatever the backlog, and a bound that is full holds up nobody.</summary>
[Collection("kafka")]
public class MemoryBoundTests(KafkaCluster cluster)
{
    private readonly string _id = "m" + Guid.NewGuid().ToString("N")[..8];

    private string Input => _id + "-in";

    [BrokerFact]
    public async Task A_backlog_of_400_000_events_stays_below_the_bound_that_is_exported()
    {
        const int Events = 400_000;
        await Created(4);
        Publish(Events, i => i % 4, features: 10);
        await using var driftd = new DriftdProcess(
            "run", "--topic", Input, "--group", _id, "--prefix", _id + ".", "--bootstrap-servers", cluster.BootstrapServers, "--listen", "127.0.0.1:0");
        var (most, bound, taken) = (0.0, 0.0, 0.0);
        await driftd.Until(
            () =>
            {
                var text = driftd.Metrics();
                (var resident, bound) = (DriftdProcess.Sum(text, "process_resident_memory_bytes"), DriftdProcess.Sum(text, "driftd_memory_bound_bytes"));
                Assert.True(resident <= bound, $"{resident / 1e6:0} MB resident, bound {bound / 1e6:0} MB");
                most = Math.Max(most, resident);
                return (taken = DriftdProcess.Sum(text, "driftd_events_total")) >= Events;
            },
            "the backlog is taken",
            TimeSpan.FromMinutes(3));

        Console.WriteLine($"backlog of {Events} events: at most {most / (1 << 20):0} MiB resident, bound {bound / (1 << 20):0} MiB");
        Assert.Equal(Events, taken);
        Assert.InRange(most, 1, bound);
        Assert.Contains(driftd.Errors, static line => line.Contains("memory: at most ", StringComparison.Ordinal));
        await driftd.Stop();
    }

    [BrokerFact]
    public async Task A_queue_that_one_partition_fills_holds_up_no_other()
    {
        await Created(4);
        Publish(60_000, _ => 0, features: 3);
        Publish(30, i => 1 + (i % 3), features: 3);
        var kafka = new KafkaOptions
        {
            BootstrapServers = cluster.BootstrapServers,
            Topics = [Input],
            Group = _id,
            Prefix = _id + ".",
            MaxQueuedRecords = 1_000,
            MaxQueuedBytes = 1 << 20,
            CommitInterval = TimeSpan.FromMilliseconds(10),
        };
        await using var driftd = new Driftd(kafka, new MonitoringOptions { LearnFor = TimeSpan.Zero }, StageRole.Detect);

        await Until.True(
            () =>
            {
                Assert.InRange(driftd.Telemetry.Latest(StageRole.Detect).Queued, 0, 1_000);
                return driftd.Events == 60_030;
            },
            () => $"all partitions are taken: {driftd.Events}\n{driftd.Log}");

        await driftd.Stop();
    }

    private async Task Created(int partitions)
    {
        await cluster.Create(Input, partitions);
        using var admin = cluster.Admin();
        await new Topics(_id + ".").CreateAsync(admin, []);
    }

    private void Publish(int count, Func<int, int> partition, int features)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = cluster.BootstrapServers,
            LingerMs = 20,
            QueueBufferingMaxMessages = 500_000,
            CompressionType = CompressionType.Lz4,
        }).Build();
        for (var i = 0; i < count; i++)
        {
            producer.Produce(new TopicPartition(Input, partition(i)), new() { Value = Text.Event(i, features: features) });
        }

        producer.Flush(TimeSpan.FromSeconds(60));
    }
}
