using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>The whole loop: drift, trigger, a pipeline that retrains, a new version that is calm and watched like the old one.</summary>
[Collection("kafka")]
public sealed class OutcomeLoopTests(KafkaCluster kafka) : IDisposable
{
    private const int Partitions = 2;
    private const long Start = 1_795_305_600_000;

    private readonly string _id = "loop" + Guid.NewGuid().ToString("N")[..8];
    private readonly string _accepted = Path.GetTempFileName();
    private readonly Random _random = new(7);
    private long _events;

    [BrokerFact]
    public async Task A_pipeline_that_answers_ends_the_cooldown_and_its_new_version_is_calm_until_it_drifts_itself()
    {
        await Done("topics", "create", "--topic", _id, "--partitions", "2");
        using var file = new TemporaryFile("triggerMaxAge: off\nlearnFor: 0s\ncooldown: 1h\ncommitInterval: 50ms\n");
        await using var driftd = new DriftdProcess(
            "run", "--topic", _id, "--bootstrap-servers", kafka.BootstrapServers, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0", "--config", file.Path);
        await using var pipeline = new DriftdProcess(
            "triggers", "watch", "--from", "earliest", "--bootstrap-servers", kafka.BootstrapServers, "--prefix", _id + ".", "--as", _id + ".watch", "--exec",
            $"{DriftdProcess.Program} outcome \"$DRIFTD_MODEL\" accepted --trigger $DRIFTD_TRIGGER_ID --bootstrap-servers {kafka.BootstrapServers} --prefix {_id}. "
            + $"&& echo $DRIFTD_VERSION $DRIFTD_TRIGGER_ID >> {_accepted}");

        Publish("1", 8_000, 0.05);
        Publish("1", 4_000, 0.3);
        await driftd.Until(() => Accepted().Length == 1, "the pipeline has accepted the trigger");
        await driftd.Until(() => driftd.Sum("driftd_commands_total", "command=\"accepted\"") == 1, "driftd knows that it has");

        Publish("2", 8_000, 0.05);
        await driftd.Until(() => driftd.Sum("driftd_events_total", "version=\"2\"") == 8_000, "the new version is watched");
        await Done("outcome", "m", "deployed", "--version", "2", "--trigger", Accepted()[0].Split(' ')[1], "--why", "run 1");
        await driftd.Until(() => driftd.Sum("driftd_commands_total", "command=\"deployed\"") == 1, "driftd knows that it is deployed");
        Assert.Equal(1, driftd.Sum("driftd_triggers_total"));

        // within the hour that the first trigger and its acceptance would have kept quiet
        Publish("2", 4_000, 0.3);
        await driftd.Until(() => Accepted().Length == 2, "the new version's own drift has triggered");
        Assert.Equal(["1", "2"], Accepted().Select(static line => line.Split(' ')[0]));
        Assert.Equal(0, (await pipeline.Stop()).ExitCode);
        Assert.Equal(0, (await driftd.Stop()).ExitCode);

        var triggers = Log.Read(kafka.BootstrapServers, _id + ".triggers").Select(static record => JsonElement.Parse(record.Message.Value)).ToList();
        Assert.Equal(Accepted().Select(static line => line.Split(' ')[1]), triggers.Select(static trigger => trigger.GetProperty("id").GetString()));
    }

    public void Dispose() => File.Delete(_accepted);

    private string[] Accepted() => File.ReadAllLines(_accepted);

    private async Task Done(params string[] arguments)
    {
        await using var driftd = new DriftdProcess([.. arguments, "--bootstrap-servers", kafka.BootstrapServers, "--prefix", _id + "."]);
        Assert.True(await driftd.Ended() == 0, string.Join('\n', driftd.Errors));
    }

    /// <summary>Events of a binary model, ten a second of event time, wrong at this rate.</summary>
    private void Publish(string version, int count, double errorRate)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 20 }).Build();
        for (var i = 0; i < count; i++, _events++)
        {
            var score = _random.NextDouble();
            var truth = score >= 0.5 ? 1 : 0;
            var label = _random.NextDouble() < errorRate ? 1 - truth : truth;
            var json = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"e{{{_events}}}","model":"m","version":"{{{version}}}","time":{{{Start + (_events * 100)}}},"features":{"a":{{{_random.NextDouble():0.####}}}},"prediction":{{{score:0.####}}},"label":{{{label}}}}""");
            producer.Produce(
                new TopicPartition(_id, (int)(_events % Partitions)),
                new Message<byte[], byte[]> { Value = Encoding.UTF8.GetBytes(json), Timestamp = new Timestamp(Start + (_events * 100), TimestampType.CreateTime) });
        }

        producer.Flush();
    }
}
