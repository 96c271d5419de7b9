using System.Text;
using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>The program under an operator's hands: stopped while it works.</summary>
[Collection("kafka")]
public class ProcessTests(KafkaCluster cluster)
{
    private const int Partitions = 4;

    private readonly string _id = "p" + Guid.NewGuid().ToString("N")[..8];

    [BrokerFact]
    public async Task SIGTERM_under_load_ends_it_within_5_s_and_nothing_is_lost_or_doubled()
    {
        await cluster.Create(_id + "-in", Partitions);
        using (var admin = cluster.Admin())
        {
            await new Kafka.Topics(_id + ".").CreateAsync(admin, []);
        }

        using var enough = new CancellationTokenSource();
        var publishing = PublishUntil(enough.Token);
        for (var run = 0; run < 3; run++)
        {
            await using var driftd = Start();
            await driftd.Until(() => driftd.Sum("driftd_events_total") > 2_000, "some events are taken");
            var (code, took) = await driftd.Stop();
            Assert.True(code == 0 && took < TimeSpan.FromSeconds(5), $"exit {code} after {took.TotalSeconds:0.0} s: {string.Join('\n', driftd.Errors)}");
            Assert.DoesNotContain(driftd.Errors, static line => line.Contains("error", StringComparison.Ordinal));
        }

        await enough.CancelAsync();
        var published = await publishing;
        await using (var last = Start())
        {
            await last.Until(
                () => Panes().Sum(static pane => pane.Events) >= published, "all events lie in panes");
            Assert.Equal(0, (await last.Stop()).ExitCode);
        }

        Oracle.AssertCovered(Panes(), published);
    }

    private List<Pane> Panes() => [.. Log.Read(cluster.BootstrapServers, _id + ".panes").Select(static record => PaneCodec.Decode(record.Message.Value))];

    private DriftdProcess Start() => new(
        "run", "--topic", _id + "-in", "--bootstrap-servers", cluster.BootstrapServers, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0");

    /// <summary>About 10,000 events a second until told to stop; returns how many.</summary>
    private Task<long> PublishUntil(CancellationToken enough) => Task.Run(() =>
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = cluster.BootstrapServers, EnableIdempotence = true, LingerMs = 20 }).Build();
        var (count, random) = (0L, new Random(7));
        while (!enough.WaitHandle.WaitOne(20))
        {
            for (var i = 0; i < 200; i++, count++)
            {
                var json = $$"""{"id":"e{{count}}","model":"credit","features":{"income":{{random.NextDouble():0.####}}},"prediction":0.7,"label":{{(random.Next(10) == 0 ? 0 : 1)}}}""";
                producer.Produce(new TopicPartition(_id + "-in", (int)(count % Partitions)), new() { Value = Encoding.UTF8.GetBytes(json) });
            }
        }

        producer.Flush(CancellationToken.None);
        return count;
    });
}
