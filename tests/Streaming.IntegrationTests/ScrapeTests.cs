using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

[Collection("kafka")]
public class ScrapeTests(KafkaCluster cluster)
{
    private const int Partitions = 2, Published = 6_000, Bad = 7;

    // names that need escaping, one that must be cut, and one that is neither ASCII nor in the basic plane
    private static readonly string[] Models = ["credit", "a \"quoted\" \\ model\nof two lines", new('x', 500), "größe 😀"];

    private readonly string _id = "s" + Guid.NewGuid().ToString("N")[..8];

    [PrometheusFact]
    public async Task A_real_prometheus_reads_what_was_counted_and_promtool_finds_nothing()
    {
        var kafka = await Topics();
        await using var driftd = new Driftd(kafka, new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null });
        await using var server = await WebServer.StartAsync(
            "127.0.0.1:0",
            driftd.Telemetry,
            () => driftd.Workers.All(worker => worker.Live),
            () => driftd.Workers.All(worker => worker.Ready));
        await using var prometheus = new Prometheus(server.Url);
        await Publish(kafka.Topics[0]);

        await Expect(prometheus, "up", 1);
        await Expect(prometheus, "sum(driftd_events_total)", Published);
        await Expect(prometheus, "count(driftd_events_total)", Models.Length);
        await Expect(prometheus, "sum(driftd_dead_letters_total{reason=\"broken_json\"})", Bad);
        await Expect(prometheus, "sum(driftd_records_total{stage=\"detect\"})", Published + Bad);
        await Expect(prometheus, "sum(driftd_consumer_lag_records{stage=\"detect\"})", 0);
        await Expect(prometheus, "count(driftd_stream_level{model=\"credit\",stream=\"error\"}) > bool 0", 1);
        await Expect(prometheus, "driftd_processing_seconds_count{stage=\"detect\"} > bool 0", 1);
        await Expect(prometheus, "sum(driftd_series_dropped_total)", 0);

        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri(server.Url, "/metrics"));
        Assert.Equal((0, ""), await Prometheus.Check(text));
        Assert.Equal("ok", await client.GetStringAsync(new Uri(server.Url, "/health/ready")));
        await driftd.Stop();
    }

    private static async Task Expect(Prometheus prometheus, string expression, double expected)
    {
        var (last, deadline) = ((double?)null, DateTime.UtcNow.AddSeconds(60));
        while (DateTime.UtcNow < deadline)
        {
            last = await prometheus.Query(expression);
            if (last == expected)
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"{expression} is {last?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}, not {expected}");
    }

    private static byte[] Event(int i)
    {
        var random = new Random(i);
        var score = random.NextDouble();
        var right = score >= 0.5 ? 1 : 0;
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["id"] = "e" + i,
            ["model"] = Models[i % Models.Length],
            ["version"] = "1",
            ["time"] = 1_795_305_600_000 + i,
            ["features"] = new Dictionary<string, object> { ["income"] = random.NextDouble(), ["kind"] = i % 3 == 0 ? "a" : "b" },
            ["prediction"] = score,
            ["label"] = random.NextDouble() < 0.1 ? 1 - right : right,
        });
    }

    private async Task Publish(string topic)
    {
        var settings = new ProducerConfig { BootstrapServers = cluster.BootstrapServers, LingerMs = 20 };
        using var producer = new ProducerBuilder<byte[], byte[]>(settings).Build();
        for (var i = 0; i < Published; i++)
        {
            producer.Produce(new TopicPartition(topic, i % Partitions), new() { Key = Encoding.UTF8.GetBytes("e" + i), Value = Event(i) });
        }

        for (var i = 0; i < Bad; i++)
        {
            producer.Produce(new TopicPartition(topic, i % Partitions), new() { Value = "{"u8.ToArray() });
        }

        await Task.Run(() => producer.Flush());
    }

    private async Task<KafkaOptions> Topics()
    {
        var kafka = new KafkaOptions
        {
            BootstrapServers = cluster.BootstrapServers,
            Topics = [_id + "-in"],
            Group = _id,
            Prefix = _id + ".",
            CommitInterval = TimeSpan.FromMilliseconds(50),
        };
        await cluster.Create(kafka.Topics[0], Partitions);
        using var admin = cluster.Admin();
        await new Topics(kafka.Prefix).CreateAsync(admin, []);
        return kafka;
    }
}
