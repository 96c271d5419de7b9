using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S11 and S12: records that cannot be used, and records and state that are too large for one.</summary>
[Collection("faults")]
public class BadInputTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private const int BrokerLimit = 1_048_588;

    [BrokerFact, Trait("Faults", "S11")]
    public async Task Poison_stops_nothing_and_each_bad_record_is_a_dead_letter()
    {
        var events = FullForm.Asked ? 200_000 : 20_000;
        using var scene = await Scene.Create(cluster, 4);
        using var live = new LiveReader(scene);
        var bad = await Task.Run(() => PublishPoisoned(scene, events));
        await using var fleet = new Fleet(scene);
        fleet.Start("a");
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        await auditor.Check("S11", live, events + bad, ("bad records", bad));
        Assert.Equal(bad, Log.Read(scene.Servers, scene.DeadLetters).Count);
    }

    [BrokerFact, Trait("Faults", "S12")]
    public async Task Records_and_state_beyond_the_brokers_limit_are_split_or_cut_and_stall_nothing()
    {
        // the largest input that a broker takes by default, and one three times as large where the topic allows it
        using var scene = await Scene.Create(
            cluster, 2, Scene.Usual with { MaxRecordBytes = 4 << 20 }, ["limits.recordBytes: 4194304"],
            new Dictionary<string, string> { ["max.message.bytes"] = $"{8 << 20}" });
        using var live = new LiveReader(scene);
        await using var fleet = new Fleet(scene);
        fleet.Start("a");
        long produced = await Task.Run(() => PublishLarge(scene, from: 0));
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        await fleet.Stop("a");
        var parts = Parts(scene);
        Assert.True(parts > 2, $"state of {parts} parts");

        // brought back from its parts, then small again once its references are learnt
        fleet.Start("a");
        produced += await Task.Run(() => PublishLarge(scene, from: 1_500));
        using var feed = new Feed(scene, 60_000, seed: 12);
        produced += await feed.Published;
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        print.WriteLine($"S12: state of the wide model in {parts} parts, {Parts(scene)} after its references were learnt");
        await auditor.Check("S12", live, produced, ("parts of state", parts), ("dead letters", Log.Read(scene.Servers, scene.DeadLetters).Count));
    }

    [BrokerTheory, Trait("Faults", "S12")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_output_larger_than_its_topic_or_the_client_allows_ends_the_process_and_names_the_topic(bool topicRefuses)
    {
        using var scene = await Scene.Create(cluster, 1, lines: topicRefuses ? [] : ["kafka.message.max.bytes: 1000"]);
        if (topicRefuses)
        {
            using var admin = cluster.Admin();
            var entry = new ConfigEntry { Name = "max.message.bytes", Value = "300", IncrementalOperation = AlterConfigOpType.Set };
            await admin.IncrementalAlterConfigsAsync(new() { [new ConfigResource { Type = ResourceType.Topic, Name = scene.Topics.Panes }] = [entry] });
        }

        using var feed = new Feed(scene, 3_000, seed: 12);
        await using var driftd = new DriftdProcess("run", "--config", scene.Configuration);
        Assert.Equal(1, await driftd.Ended());
        await Until.True(() => driftd.Errors.Exists(static line => line.Contains("larger than allowed", StringComparison.Ordinal)), () => string.Join('\n', driftd.Errors));
        var error = driftd.Errors.Last(static line => line.Contains("larger than allowed", StringComparison.Ordinal));
        print.WriteLine("S12: " + error.Trim());
        Assert.Contains($"max.message.bytes of {(topicRefuses ? scene.Topics.Panes : scene.Kafka.Prefix)}", error, StringComparison.Ordinal);
        await feed.Published;
    }

    /// <summary>A seeded scenario with a bad record of every kind after each twentieth event.</summary>
    private static int PublishPoisoned(Scene scene, int events)
    {
        using var producer = Feed.Producer(scene.Servers);
        using var bad = BadRecords.Every(events / 20).GetEnumerator();
        var (count, begin) = (0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var scenario = new Scenario { Kind = ScenarioKind.Credit, Seed = 11, Events = events, Partitions = scene.Partitions, Shift = 0.2 };
        foreach (var one in new EventGenerator(scenario).Events())
        {
            var at = begin + one.Time - EventGenerator.Start;
            Feed.Send(producer, new TopicPartition(scene.Topic, one.Partition), one.Key, one.Value, at);
            if (one.Index % 20 == 0 && bad.MoveNext())
            {
                Feed.Send(producer, new TopicPartition(scene.Topic, one.Partition), null, bad.Current.Value, at);
                count++;
            }
        }

        producer.Flush(CancellationToken.None);
        return count;
    }

    /// <summary>1,500 events with 300 features, and around them records as large as they may be, good and bad; how many.</summary>
    private static int PublishLarge(Scene scene, int from)
    {
        using var producer = Feed.Producer(scene.Servers, 8 << 20);
        var random = new Random(12 + from);
        var records = new List<byte[]>
        {
            Padded("{\"model\":\"padded\",\"prediction\":0.5,\"note\":\"", "\"}", BrokerLimit - 200),
            Padded("{\"model\":\"padded\",\"prediction\":0.5,\"note\":\"", "\"}", 3 << 20),
            Padded("{\"model\":\"broken\",\"prediction\":0.5,\"note\":\"", "", BrokerLimit - 200),
            Padded("{\"model\":\"broken\",\"prediction\":0.5,\"note\":\"", "", 3 << 20),
            Padded("{\"model\":\"padded\",\"prediction\":0.5,\"note\":\"", "\"}", 6 << 20),
        };
        for (var i = from; i < from + 1_500; i++)
        {
            var features = Enumerable.Range(0, 300).ToDictionary(static feature => "f" + feature, _ => random.NextDouble());
            records.Add(JsonSerializer.SerializeToUtf8Bytes(new
            {
                id = "w" + i,
                model = "wide",
                version = "1",
                features,
                prediction = random.NextDouble(),
                label = i % 2,
            }));
        }

        foreach (var record in records)
        {
            Feed.Send(producer, new TopicPartition(scene.Topic, 0), null, record);
        }

        producer.Flush(CancellationToken.None);
        return records.Count;
    }

    private static byte[] Padded(string begin, string end, int bytes) => Encoding.UTF8.GetBytes(begin + new string('x', bytes - begin.Length - end.Length) + end);

    /// <summary>Parts of the wide model's state that are alive.</summary>
    private static int Parts(Scene scene) => Log.Read(scene.Servers, scene.Topics.State(StageRole.Detect))
        .GroupBy(static record => StateKey.Decode(record.Message.Key))
        .Count(static key => key.Key is { Kind: StateKind.Monitor, Model: "wide" } && key.MaxBy(static record => record.Offset.Value)!.Message.Value is not null);
}
