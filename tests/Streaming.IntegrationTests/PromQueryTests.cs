using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>What dashboards, rules and README ask of Prometheus, asked of a real one that has scraped the program itself.</summary>
[Collection("kafka")]
public partial class PromQueryTests(KafkaCluster cluster, ITestOutputHelper output)
{
    private const int Partitions = 2, Events = 24_000, Bad = 40;
    private const string Model = "credit";

    // an alert that fires would be no use here: what it needs to fire is in docker/prometheus/tests
    private const string NotFiring = "no alarm now";

    private static readonly Dictionary<string, string> Quiet = new(StringComparer.Ordinal)
    {
        ["alerts.yml: DriftdPredictionDrift"] = NotFiring,
        ["alerts.yml: DriftdPerformanceFall"] = "compares with the last day",
        ["alerts.yml: DriftdNoEvents"] = "compares with half an hour ago",
        ["alerts.yml: DriftdNoLabels"] = "compares with six hours ago",
        ["alerts.yml: DriftdDetectorSilent"] = NotFiring,
        ["alerts.yml: DriftdNotReady"] = NotFiring,
        ["alerts.yml: DriftdLag"] = NotFiring,
        ["alerts.yml: DriftdCommitsFailing"] = NotFiring,
        ["alerts.yml: DriftdRestoreTooLong"] = NotFiring,
        ["alerts.yml: DriftdDeadLetters"] = NotFiring,
        ["alerts.yml: DriftdMemory"] = NotFiring,
        ["operations.json: Series left out"] = "the first of two: no stream is left out",
    };

    private readonly string _id = "q" + Guid.NewGuid().ToString("N")[..8];

    [PrometheusFact]
    public async Task Every_expression_has_data_or_a_reason_to_have_none()
    {
        await cluster.Create(_id + "-in", Partitions);
        await using (var create = new DriftdProcess("topics", "create", "--bootstrap-servers", cluster.BootstrapServers, "--prefix", _id + "."))
        {
            Assert.Equal(0, await create.Ended());
        }

        using var file = new TemporaryFile("triggerMaxAge: off\nlearnFor: 0s\ncommitInterval: 100ms\nidleFlush: 1s\ncooldown: 30d\n");
        await using var driftd = new DriftdProcess(
            "run", "--topic", _id + "-in", "--bootstrap-servers", cluster.BootstrapServers, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0",
            "--config", file.Path);
        await driftd.Until(() => driftd.Url() is not null, "it says where it listens");
        await using var prometheus = new Prometheus(driftd.Url()!, PromQuery.RuleFile("recording"), PromQuery.RuleFile("alerts"));

        // in three waves, so that counters rise between scrapes
        for (var wave = 0; wave < 3; wave++)
        {
            await Publish(wave * Events / 3, Events / 3);
            await driftd.Until(() => driftd.Sum("driftd_events_total") == (wave + 1) * Events / 3, "the events are counted");
            await Until(prometheus, $"sum(driftd_events_total) == {(wave + 1) * Events / 3}");
        }

        await Until(prometheus, "sum(driftd_triggers_total) > 0 and sum(driftd_triggers_suppressed_total) > 0");
        await using (var outcome = new DriftdProcess("outcome", Model, "accepted", "--bootstrap-servers", cluster.BootstrapServers, "--prefix", _id + "."))
        {
            Assert.Equal(0, await outcome.Ended());
        }

        await Until(prometheus, "sum(driftd_commands_total) > 0");
        await Until(prometheus, $"driftd:events:rate5m{{model=\"{Model}\"}} > 0 and on () count(driftd:nearness_to_alarm:max) > 0");
        var missing = await Ask(prometheus);

        Assert.Equal((0, ""), await Prometheus.Check(driftd.Metrics()));
        Assert.Empty(missing);
    }

    /// <summary>Asks every expression, lists the answers, and returns those that have none though they should.</summary>
    private async Task<List<string>> Ask(Prometheus prometheus)
    {
        var missing = new List<string>();
        foreach (var query in PromQuery.All)
        {
            var (series, refused) = await prometheus.Answer(query.For(Model));
            var reason = Quiet.GetValueOrDefault(query.Where) ?? (OfRegressions().IsMatch(query.Expr) ? "no regression here" : null);
            output.WriteLine($"{(refused ?? (series > 0 ? $"{series} series" : $"none ({reason ?? "?"})")),-20} {query.Where}: {query.Expr.ReplaceLineEndings(" ")}");
            if (refused is not null || (series == 0 && reason is null))
            {
                missing.Add($"{query.Where}: {query.Expr}: {refused ?? "no data"}");
            }
        }

        return missing;
    }

    [GeneratedRegex("""^(max\()?max by \(model, version\) \(driftd_performance\{[^{}]*metric="mae",[^{}]*\}\)\)?$""")]
    private static partial Regex OfRegressions();

    private static async Task Until(Prometheus prometheus, string expression)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (await prometheus.Query(expression) is null)
        {
            Assert.True(DateTime.UtcNow < deadline, $"no data: {expression}");
            await Task.Delay(100);
        }
    }

    private async Task Publish(int first, int count)
    {
        var settings = new ProducerConfig { BootstrapServers = cluster.BootstrapServers, LingerMs = 20 };
        using var producer = new ProducerBuilder<byte[], byte[]>(settings).Build();
        for (var i = first; i < first + count; i++)
        {
            producer.Produce(new TopicPartition(_id + "-in", i % Partitions), new() { Key = Encoding.UTF8.GetBytes("e" + i), Value = Event(i) });
        }

        for (var i = 0; i < Bad; i++)
        {
            producer.Produce(new TopicPartition(_id + "-in", i % Partitions), new() { Value = "{"u8.ToArray() });
        }

        await Task.Run(() => producer.Flush());
    }

    /// <summary>An event with every kind of stream; the error rises twice, the second time within the cooldown.</summary>
    private static byte[] Event(int i)
    {
        var random = new Random(i);
        var score = random.NextDouble();
        var right = score >= 0.5 ? 1 : 0;
        var wrong = i < Events / 3 ? 0.05 : i < 2 * Events / 3 ? 0.25 : 0.6;
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
        {
            ["id"] = "e" + i,
            ["model"] = Model,
            ["version"] = "1",
            ["time"] = 1_795_305_600_000 + (i * 20L),
            ["features"] = new Dictionary<string, object?>
            {
                ["income"] = i < Events / 2 ? random.NextDouble() : 2 * random.NextDouble(),
                ["kind"] = i < Events / 2 || i % 5 > 0 ? "ab"[i % 2].ToString() : "c",
                ["age"] = i % 7 == 0 ? null : random.Next(18, 80),
            },
            ["prediction"] = score,
            ["label"] = random.NextDouble() < wrong ? 1 - right : right,
            ["latencyMs"] = 10 + (20 * random.NextDouble()),
            ["failure"] = i % 100 == 0,
        });
    }
}
