using System.Text;
using Confluent.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>The program while its broker is away. The broker is of these tests alone, since they kill it.</summary>
public class OutageTests
{
    [BrokerFact]
    public async Task A_broker_that_is_away_at_start_and_dies_later_is_waited_for_and_each_change_is_said_once()
    {
        var cluster = new KafkaCluster();
        await cluster.InitializeAsync();
        try
        {
            if (cluster.IsOurs)
            {
                await Away(cluster);
            }
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    private static async Task Away(KafkaCluster cluster)
    {
        await cluster.Create("in", 2);
        using (var admin = cluster.Admin())
        {
            await new Kafka.Topics("drift.").CreateAsync(admin, []);
        }

        cluster.KillBroker();
        await using var driftd = new DriftdProcess("run", "--topic", "in", "--bootstrap-servers", cluster.BootstrapServers, "--listen", "127.0.0.1:0");
        await driftd.Until(() => Said(driftd, "failing, retrying") == 2, "each stage says that Kafka is away");
        Assert.False(driftd.Ready());

        await cluster.RestartBroker();
        await driftd.Until(driftd.Ready, "it is ready");
        await Publish(cluster, 1_000);
        await driftd.Until(() => driftd.Sum("driftd_events_total") == 1_000, "the events are taken");
        Assert.Equal((2, 2), (Said(driftd, "failing, retrying"), Said(driftd, "works again")));

        cluster.KillBroker();
        await driftd.Until(() => !driftd.Ready(), "it is not ready");
        await driftd.Until(() => Said(driftd, "failing, retrying") == 4, "each stage says again that Kafka is away");

        await cluster.RestartBroker();
        await driftd.Until(driftd.Ready, "it is ready again");
        await Publish(cluster, 1_000);
        await driftd.Until(() => driftd.Sum("driftd_events_total") >= 2_000, "the events after it are taken");
        Assert.Equal((4, 4), (Said(driftd, "failing, retrying"), Said(driftd, "works again")));
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
    }

    private static int Said(DriftdProcess driftd, string words) => driftd.Errors.Count(line => line.Contains(words, StringComparison.Ordinal));

    private static Task Publish(KafkaCluster cluster, int count) => Task.Run(() =>
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = cluster.BootstrapServers, EnableIdempotence = true, LingerMs = 20 }).Build();
        for (var i = 0; i < count; i++)
        {
            producer.Produce(new TopicPartition("in", i % 2), new() { Value = Encoding.UTF8.GetBytes($$$"""{"model":"m","features":{"a":{{{i % 97}}}}}""") });
        }

        producer.Flush(CancellationToken.None);
    });
}
