using System.Diagnostics;
using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>What health says while the broker is away: alive, not ready, and ready again by itself.</summary>
public class BrokerLossTests
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero };
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(15);

    [BrokerTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Readiness_goes_with_the_broker_and_comes_back_with_it_while_liveness_stays(bool underLoad)
    {
        using var broker = await LocalKafka.Start();
        var kafka = await Topics(broker, 2);
        using var enough = new CancellationTokenSource();
        var publishing = underLoad ? Publish(kafka, enough.Token) : Task.CompletedTask;
        await using var driftd = new Driftd(kafka, Quick);
        await Until.True(() => driftd.Workers.TrueForAll(worker => worker.Ready), () => $"both are ready\n{driftd.Log}");
        await Until.True(() => !underLoad || driftd.Events > 1_000, "events flow");

        broker.Kill();
        var watch = Stopwatch.StartNew();
        await Live(driftd, () => driftd.Workers.TrueForAll(worker => !worker.Ready), "neither is ready", Promised);
        var noticed = watch.Elapsed;

        // long enough for a transaction to time out on the client
        await Live(driftd, () => watch.Elapsed > TimeSpan.FromSeconds(30), "a while has passed", TimeSpan.FromSeconds(40));
        Assert.All(driftd.Workers, worker => Assert.False(worker.Ready));
        await broker.Restart();
        watch.Restart();
        await Live(driftd, () => driftd.Workers.TrueForAll(worker => worker.Ready), "both are ready again", TimeSpan.FromSeconds(60));
        Console.WriteLine($"broker loss, {(underLoad ? "under load" : "idle")}: not ready after {noticed.TotalSeconds:0.0} s, ready {watch.Elapsed.TotalSeconds:0.0} s after its return");
        await enough.CancelAsync();
        await publishing;
        await driftd.Stop();
    }

    [BrokerFact]
    public async Task A_member_without_a_partition_is_ready()
    {
        using var broker = await LocalKafka.Start();
        var kafka = await Topics(broker, 1);
        await using var first = new Driftd(kafka, Quick, StageRole.Detect);
        await Until.True(() => first.Workers[0].Ready, "the first one is ready");
        await using var second = new Driftd(kafka with { Slot = "two" }, Quick, StageRole.Detect);

        await Until.True(() => second.Workers[0].Ready, () => $"the second one is ready\n{second.Log}");
        await Until.True(() => first.Workers[0].Ready && first.Has(StageRole.Detect) + second.Has(StageRole.Detect) == 1, "one has it");
        Assert.True(second.Workers[0].Ready);
        await second.Stop();
        await first.Stop();
    }

    private static async Task Live(Driftd driftd, Func<bool> condition, string what, TimeSpan deadline) => await Until.True(
        () =>
        {
            Assert.All(driftd.Workers, worker => Assert.True(worker.Live, driftd.Log.ToString()));
            return condition();
        },
        () => $"{what}\n{driftd.Log}",
        deadline);

    private static async Task<KafkaOptions> Topics(LocalKafka broker, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await new Topics("drift.").CreateAsync(admin, ["in"], partitions);
        return new KafkaOptions { BootstrapServers = broker.BootstrapServers, Topics = ["in"] };
    }

    private static Task Publish(KafkaOptions kafka, CancellationToken enough) => Task.Run(
    () =>
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, MessageTimeoutMs = 2_000 })
            .SetLogHandler(static (_, _) => { }).Build();
        for (var i = 0; !enough.WaitHandle.WaitOne(10); i++)
        {
            for (var j = 0; j < 50; j++)
            {
                producer.Produce(new TopicPartition("in", j % 2), new() { Value = Text.Event((i * 50) + j) });
            }
        }
    }, CancellationToken.None);
}
