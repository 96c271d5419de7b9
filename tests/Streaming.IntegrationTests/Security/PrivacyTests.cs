using System.Text;
using Confluent.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>Who may read what: what a running program writes to Kafka, to its log and to its metrics.</summary>
[Collection("kafka")]
public class PrivacyTests(KafkaCluster cluster)
{
    private const int Events = 16_000;
    private static readonly string[] Personal = ["jane.doe@", "key-of-", "DE89-", "ward-", "diagnosis", "broken-", "canary-secret"];

    private readonly string _id = "p" + Guid.NewGuid().ToString("N")[..8];

    [BrokerFact]
    public async Task Checklist_13_nothing_personal_reaches_a_topic_the_log_or_the_metrics_and_Checklist_29_what_happened_is_in_the_log()
    {
        await cluster.Create(_id + "-in", 1);
        await using (var create = new DriftdProcess("topics", "create", "--bootstrap-servers", cluster.BootstrapServers, "--prefix", _id + "."))
        {
            Assert.Equal(0, await create.Ended());
        }

        using var key = new TemporaryFile("canary-secret-canary-secret-canary\n");
        using var file = new TemporaryFile($"triggerMaxAge: off\nlearnFor: 0s\ncommitInterval: 100ms\nprivacy: {{ features: income, redact: iban, key: '{key.Path}' }}\n");
        await using var driftd = new DriftdProcess(
            "run", "--topic", _id + "-in", "--bootstrap-servers", cluster.BootstrapServers, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0",
            "--config", file.Path);
        await Task.Run(Publish);
        await driftd.Until(() => driftd.Sum("driftd_events_total") == Events && driftd.Sum("driftd_triggers_total") > 0, "the events are counted and a trigger is decided");
        await driftd.Until(() => Said(driftd, "trigger "), "the trigger is in the log");
        var metrics = driftd.Metrics();
        Assert.Equal(0, (await driftd.Stop()).ExitCode);

        string[] topics = ["signals", "triggers", "dead-letters", "panes", "state.detect", "state.decide"];
        var written = topics.SelectMany(topic => Log.Read(cluster.BootstrapServers, $"{_id}.{topic}").Select(Text)).Append(metrics).Concat(driftd.Errors).Concat(driftd.Output).ToList();
        Assert.All(topics, topic => Assert.NotEmpty(Log.Read(cluster.BootstrapServers, $"{_id}.{topic}")));
        Assert.All(Personal, personal => Assert.DoesNotContain(written, text => text.Contains(personal, StringComparison.Ordinal)));

        // start and configuration, assignment, dead letters, trigger, end
        Assert.All(
            (string[])[" starts: configuration ", " detect: restored ", $"{_id}-in [0] from offset 0 ", $" dead letters now: {_id}-in broken_json 1", " of credit 1: concept drift: ", " detect: stopped; "],
            line => Assert.True(Said(driftd, line), line + "\n" + string.Join('\n', driftd.Errors)));
    }

    private static bool Said(DriftdProcess driftd, string text) => driftd.Errors.Exists(line => line.Contains(text, StringComparison.Ordinal));

    private static string Text(ConsumeResult<byte[], byte[]> record) => string.Join('\n', new[]
    {
        Encoding.Latin1.GetString(record.Message.Key ?? []), Encoding.Latin1.GetString(record.Message.Value ?? []),
    }.Concat(record.Message.Headers.Select(static header => header.Key + "=" + Encoding.Latin1.GetString(header.GetValueBytes()))));

    private void Publish()
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers, LingerMs = 20 }).Build();
        var (random, begin) = (new Random(13), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (Events * 20L));
        for (var i = 0; i < Events; i++)
        {
            var wrong = random.NextDouble() < (i < Events / 2 ? 0.1 : 0.4);
            var json = FormattableString.Invariant($$$"""{"id":"jane.doe@{{{i}}}","model":"credit","version":"1","features":{"income":{{{random.NextDouble():0.####}}},"iban":"DE89-{{{random.Next(i < Events / 2 ? 4 : 8)}}}","diagnosis":"ward-{{{i % 3}}}"},"prediction":0.9,"label":{{{(wrong ? 0 : 1)}}}}""");
            producer.Produce(new TopicPartition(_id + "-in", 0), new()
            {
                Key = Encoding.UTF8.GetBytes("key-of-" + i),
                Value = Encoding.UTF8.GetBytes(json),

                // fifty a second: a pane takes a quarter of a second of Kafka's time
                Timestamp = new Timestamp(begin + (i * 20L), TimestampType.CreateTime),
            });
        }

        producer.Produce(new TopicPartition(_id + "-in", 0), new() { Key = "key-of-bad"u8.ToArray(), Value = "{broken-"u8.ToArray() });
        producer.Flush();
    }
}
