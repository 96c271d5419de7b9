using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>What an operator sees of saved state and of topics, and what clearing it means to the next start.</summary>
[Collection("kafka")]
public class StateCommandTests(KafkaCluster cluster)
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero };

    private readonly string _id = "c" + Guid.NewGuid().ToString("N")[..8];

    private string Input => _id + "-in";

    [BrokerFact]
    public async Task State_is_shown_with_what_it_contains_and_kept_in_a_file()
    {
        await Attached("fraud", "credit");

        var (code, output, error) = await Run("state", "inspect", "--output", "json");
        var entries = output.Select(line => JsonElement.Parse(line)).ToList();
        var monitors = entries.Where(entry => Text(entry, "kind") == "monitor" && Text(entry, "stage") == "detect").ToList();
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["credit 0", "credit 1", "fraud 0", "fraud 1"], monitors.Select(monitor => $"{Text(monitor, "model")} {monitor.GetProperty("partition")}").Order());
        Assert.Equal(1_200, monitors.Sum(monitor => monitor.GetProperty("events").GetInt64()));
        Assert.Equal(1_200, monitors.Sum(monitor => monitor.GetProperty("labels").GetInt64()));
        Assert.All(monitors, monitor => Assert.Equal((Input, false, true), (Text(monitor, "topic"), monitor.GetProperty("former").GetBoolean(), monitor.GetProperty("bytes").GetInt64() > 100)));
        Assert.Equal(
            ["600 600", "600 600"],
            entries.Where(entry => Text(entry, "kind") == "position" && Text(entry, "stage") == "detect" && Text(entry, "topic") == Input)
                .Select(position => $"{position.GetProperty("committed")} {position.GetProperty("replayFrom")}"));

        using var file = new TemporaryFile("");
        Assert.Equal(0, (await Run("state", "export", "-o", file.Path)).Code);
        var exported = (await File.ReadAllLinesAsync(file.Path)).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(entries.Count, exported.Count);
        Assert.All(
            exported.Where(entry => Text(entry, "kind") == "monitor"),
            entry => Assert.Equal(entry.GetProperty("events").GetInt64(), StateSummary.Read(entry.GetProperty("value").GetBytesFromBase64()).Events));

        Assert.Contains((await Run("state", "inspect")).Output, line => line.Contains("fraud", StringComparison.Ordinal) && line.Contains(Input, StringComparison.Ordinal));
    }

    [BrokerFact]
    public async Task A_damaged_record_is_named_by_both_the_command_and_the_start_that_refuses_it()
    {
        var kafka = await Attached("fraud");
        var record = Log.Read(cluster.BootstrapServers, kafka.Prefix + "state.detect")
            .Last(record => StateKey.Decode(record.Message.Key) is { Kind: StateKind.Monitor, Partition: 0 });
        record.Message.Value[^1] ^= 1;
        var at = await Produce(record.TopicPartition, record.Message.Key, record.Message.Value);

        var (code, output, error) = await Run("state", "inspect", "--output", "json");

        Assert.Equal(1, code);
        Assert.StartsWith($"error: {kafka.Prefix}state.detect [0] offset {at}, Monitor of model fraud version 1: expected CRC-32 ", error, StringComparison.Ordinal);
        Assert.Contains(output, line => line.Contains("\"kind\":\"damaged\"", StringComparison.Ordinal));
        await using var driftd = new Driftd(kafka, Quick, StageRole.Detect);
        var refused = await Assert.ThrowsAsync<WorkerFailedException>(() => driftd.Ended.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains($"offset {at} (Monitor of model fraud version 1): expected CRC-32", refused.Message, StringComparison.Ordinal);

        // a key that nothing can read is named too, and cleared too
        var unreadable = await Produce(new TopicPartition(kafka.Prefix + "state.decide", 1), Encoding.UTF8.GetBytes("no key"), [1, 2, 3]);
        Assert.Contains($"{kafka.Prefix}state.decide [1] offset {unreadable}, key: ", (await Run("state", "inspect")).Error, StringComparison.Ordinal);
        await Until.True(() => Run("state", "reset", "--yes").GetAwaiter().GetResult().Code == 0, "the state is cleared");
        var cleared = await Run("state", "inspect", "--output", "json");
        Assert.Equal((0, 0), (cleared.Code, cleared.Output.Count));
    }

    [BrokerFact]
    public async Task Clearing_all_state_makes_the_next_start_a_first_attach_and_is_refused_while_somebody_works()
    {
        var kafka = await Created();
        Publish("fraud");
        await using (var first = new Driftd(kafka, Quick))
        {
            await Until.True(() => first.Events == 600 && first.Workers.TrueForAll(worker => worker.Ready), "all is taken");
            var refused = await Run("state", "reset", "--yes");
            Assert.Equal(1, refused.Code);
            Assert.StartsWith($"error: group {_id} has 1 members (", refused.Error, StringComparison.Ordinal);
            await first.Stop();
        }

        var unsure = await Run("state", "reset");
        Assert.Equal(2, unsure.Code);
        Assert.StartsWith("error: --yes: needed to clear all state and the committed offsets of both groups; nothing was changed", unsure.Error, StringComparison.Ordinal);

        (int Code, List<string> Output, string Error) cleared = (-1, [], "");
        await Until.True(() => (cleared = Run("state", "reset", "--yes").GetAwaiter().GetResult()).Code == 0, () => cleared.Error);
        Assert.EndsWith($"and the offsets of {_id} and {_id}.decide", Assert.Single(cleared.Output), StringComparison.Ordinal);

        await using var second = new Driftd(kafka, Quick);
        await Until.True(() => second.Events == 600, () => $"all is taken again\n{second.Log}");
        Assert.Equal(0, second.Telemetry.Latest(StageRole.Detect).OffsetsMissing);
        await second.Stop();
    }

    [BrokerFact]
    public async Task Clearing_a_model_leaves_the_others_and_the_offsets()
    {
        var kafka = await Attached("fraud", "credit");
        var panes = Log.Read(cluster.BootstrapServers, kafka.Prefix + "panes").Count;

        (int Code, List<string> Output, string Error) cleared = (-1, [], "");
        await Until.True(() => (cleared = Run("state", "reset", "--model", "fraud", "--yes").GetAwaiter().GetResult()).Code == 0, () => cleared.Error);

        Assert.Equal(["cleared 3 records of state"], cleared.Output);
        Assert.DoesNotContain((await Run("state", "inspect", "--output", "json")).Output, line => line.Contains("\"monitor\"", StringComparison.Ordinal) && line.Contains("fraud", StringComparison.Ordinal));
        Publish("fraud");
        await using var driftd = new Driftd(kafka with { IdleFlush = TimeSpan.Zero }, Quick, StageRole.Detect);
        await Until.True(() => driftd.Events == 600, () => $"only what is new is taken\n{driftd.Log}");
        await driftd.Stop();
        var events = Log.Read(cluster.BootstrapServers, kafka.Prefix + "panes").Skip(panes).Select(record => PaneCodec.Decode(record.Message.Value)).ToList();
        Assert.All(events, pane => Assert.Equal("fraud", pane.Model));
    }

    [BrokerFact]
    public async Task Topics_that_differ_from_what_is_needed_are_named()
    {
        var kafka = await Created();
        (int Code, List<string> Output, string Error) fine = (-1, [], "");
        await Until.True(
            () => (fine = Run("topics", "check", "--topic", Input, "--output", "json").GetAwaiter().GetResult()).Code == 0,
            () => $"the topics just created are known and fine\n{string.Join('\n', fine.Output)}{fine.Error}");
        Assert.All(fine.Output, line => Assert.Contains(Text(JsonElement.Parse(line), "what"), (string[])["replication factor", "min.insync.replicas"]));

        await cluster.Create(_id + "-wide", 6, new Dictionary<string, string> { ["retention.ms"] = "60000" });
        await cluster.Create(_id + "-day", 1, new Dictionary<string, string> { ["retention.ms"] = "7200000", ["retention.bytes"] = "1000000" });
        using var admin = cluster.Admin();
        await Alter(admin, kafka.Prefix + "state.detect", ("cleanup.policy", "delete"), ("max.message.bytes", "500000"));
        await Alter(admin, kafka.Prefix + "signals", ("cleanup.policy", "compact"));
        await Alter(admin, kafka.Prefix + "panes", ("message.timestamp.type", "CreateTime"));
        await Attach(kafka);
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = kafka.Prefix + "panes", IncreaseTo = 5 }]);

        var (code, output, _) = await Run("topics", "check", "--topic", _id + "-wide", "--topic", _id + "-day", "--topic", _id + "-none", "--output", "json");

        Assert.Equal(1, code);
        var found = output.Select(line => JsonElement.Parse(line)).Where(finding => Text(finding, "what") is not ("replication factor" or "min.insync.replicas"))
            .Select(finding => $"{Text(finding, "level")} {Text(finding, "topic")} {Text(finding, "what")} {Text(finding, "found")}").Order(StringComparer.Ordinal);
        Assert.Equal(
            new[]
            {
                $"error {_id}-none topic missing",
                $"error {_id}-wide retention.ms 60000",
                $"error {kafka.Prefix}panes partitions 5",
                $"error {kafka.Prefix}signals cleanup.policy compact",
                $"error {kafka.Prefix}state.decide partitions 4",
                $"error {kafka.Prefix}state.detect cleanup.policy delete",
                $"error {kafka.Prefix}state.detect max.message.bytes 500000",
                $"error {kafka.Prefix}state.detect partitions 4",
                $"warning {_id}-day retention.bytes 1000000",
                $"warning {_id}-day retention.ms 7200000",
                $"warning {kafka.Prefix}panes message.timestamp.type CreateTime",
            }.Order(StringComparer.Ordinal),
            found);
    }

    private static async Task Alter(IAdminClient admin, string topic, params (string Name, string Value)[] settings) => await admin.IncrementalAlterConfigsAsync(new()
    {
        [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
            [.. settings.Select(static setting => new ConfigEntry { Name = setting.Name, Value = setting.Value, IncrementalOperation = AlterConfigOpType.Set })],
    });

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<(int Code, List<string> Output, string Error)> Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var reset = arguments[0] == "state" ? (string[])["--group", _id] : [];
        var code = await CommandLine.RunAsync(
            Program.Root(), [.. arguments, .. reset, "--prefix", _id + ".", "--bootstrap-servers", cluster.BootstrapServers], output, error);
        return (code, [.. output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)], error.ToString());
    }

    private async Task<KafkaOptions> Created()
    {
        await cluster.Create(Input, 2);
        using var admin = cluster.Admin();
        await new Topics(_id + ".").CreateAsync(admin, []);
        return new KafkaOptions
        {
            BootstrapServers = cluster.BootstrapServers,
            Topics = [Input],
            Group = _id,
            Prefix = _id + ".",
            CommitInterval = TimeSpan.FromMilliseconds(50),
        };
    }

    /// <summary>600 events of each model taken and decided, and a clean stop.</summary>
    private async Task<KafkaOptions> Attached(params string[] models)
    {
        var kafka = await Created();
        Array.ForEach(models, Publish);
        await Attach(kafka, models.Length * 600);
        return kafka;
    }

    private static async Task Attach(KafkaOptions kafka, int events = 0)
    {
        await using var driftd = new Driftd(kafka with { IdleFlush = TimeSpan.FromMilliseconds(200) }, Quick);
        await Until.True(
            () => driftd.Events == events && driftd.Workers.TrueForAll(worker => worker.Ready) && driftd.Lag(StageRole.Detect) == 0
                && driftd.Telemetry.Latest(StageRole.Decide) is { Lags.Count: 4, Commits: > 0 },
            () => $"all is taken\n{driftd.Log}");
        await Until.True(() => driftd.Lag(StageRole.Decide) == 0 && driftd.Telemetry.Latest(StageRole.Decide).Records >= events / 600, "panes are decided");
        await driftd.Stop();
    }

    private void Publish(string model)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers, LingerMs = 20 }).Build();
        for (var i = 0; i < 600; i++)
        {
            producer.Produce(new TopicPartition(Input, i % 2), new() { Value = IntegrationTests.Text.Event(i, model: model) });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }

    private async Task<long> Produce(TopicPartition partition, byte[] key, byte[] value)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers }).Build();
        return (await producer.ProduceAsync(partition, new() { Key = key, Value = value })).Offset.Value;
    }
}
