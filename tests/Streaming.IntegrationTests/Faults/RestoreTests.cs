using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S14 and S19: state is brought back from compacted topics, past what a dead owner left open, or is refused by name.</summary>
[Collection("faults")]
[Trait("Form", FullForm.Only)]
public class RestoreTests(KafkaCluster cluster, ITestOutputHelper print)
{
    [BrokerFact, Trait("Faults", "S14")]
    public async Task Compacted_state_brings_back_what_was_known_with_and_without_a_transaction_left_open()
    {
        // the broker aborts what a dead owner left open later than the group gives its partitions away
        using var scene = await Scene.Create(cluster, 4, lines: ["transactionTimeout: 20s"]);
        await CompactEagerly(scene);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 2_000_000, seed: 14, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        fleet.Start("a");
        await fleet.Until(() => progress.Committed(StageRole.Detect).Values.Sum() > 20_000, "some state is written");
        await fleet.Stop("a");
        await Until.True(() => IsCompacted(scene), "the state topic is compacted", TimeSpan.FromSeconds(60));

        fleet.Start("b", faultPoint: "before-commit:15");
        await fleet.Died("b");
        var heir = fleet.Start("c");
        await fleet.Until(
            () => heir.Errors.Count(static line => line.Contains(": restored", StringComparison.Ordinal)) == 2, "the heir has both stages' partitions back");
        print.WriteLine(string.Join('\n', heir.Errors.Where(static line => line.Contains(": restored", StringComparison.Ordinal))));
        Assert.Empty(fleet.Said("partitions lost"));
        var before = progress.Committed(StageRole.Detect).Values.Sum();
        await fleet.Until(() => progress.Committed(StageRole.Detect).Values.Sum() > before + 10_000, "it goes on");

        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        await auditor.Check("S14", live, produced, ("kills", fleet.Kills), ("restores", fleet.Said(": restored").Count - 2));
    }

    [BrokerFact, Trait("Faults", "S14")]
    public async Task Committed_offsets_without_any_state_are_gone_on_from_and_said()
    {
        using var scene = await Scene.Create(cluster, 2);
        await Prepare(scene);
        using (var admin = cluster.Admin())
        {
            await admin.DeleteTopicsAsync([scene.Topics.State(StageRole.Detect)]);
            await Until.True(
                () => admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics.TrueForAll(topic => topic.Topic != scene.Topics.State(StageRole.Detect)), "it is gone");
            await scene.Topics.CreateAsync(admin, []);
        }

        await using var fleet = new Fleet(scene);
        using var after = new Progress(scene);
        fleet.Start("a");
        using var feed = new Feed(scene, 2_000, seed: 15);
        await feed.Published;
        await fleet.Until(after.AllDetected, "the new events are committed");
        Assert.Equal(2, fleet.Said("but no saved state; windows begin anew there").Count(line => line.Contains(scene.Topic, StringComparison.Ordinal)));
        await fleet.StopAll();
    }

    [BrokerFact, Trait("Faults", "S14")]
    public async Task One_flipped_byte_in_a_state_record_is_refused_by_name()
    {
        using var scene = await Scene.Create(cluster, 2);
        await Prepare(scene);
        var (at, record) = Newest(scene);
        var flipped = (byte[])record.Message.Value.Clone();
        flipped[flipped.Length / 2] ^= 0x10;
        var offset = await Replace(scene, at, record.Message.Key, flipped);

        var refusal = await Refusal(scene);

        Assert.Matches($@"{at.Topic} .*{at.Partition.Value}.* offset {offset} .*expected CRC-32 [0-9a-f]{{8}}, found [0-9a-f]{{8}}", refusal);
    }

    [BrokerFact, Trait("Faults", "S19")]
    public async Task State_of_a_newer_version_is_refused_by_name()
    {
        using var scene = await Scene.Create(cluster, 2);
        await Prepare(scene);
        var (at, record) = Newest(scene);
        using var envelope = new StateEnvelope();
        var value = envelope.Unpack([(record.Message.Key, record.Message.Value)]);
        value[0]++;
        var newer = envelope.Pack(StateKey.Decode(record.Message.Key), value)[0].Value;
        var offset = await Replace(scene, at, record.Message.Key, newer);

        var refusal = await Refusal(scene);

        Assert.Matches($@"{at.Topic} .*{at.Partition.Value}.* offset {offset} .*expected version {StateSummary.Layout}, found .*{StateSummary.Layout + 1}", refusal);

        // the older program goes on where the newer state is taken away again
        await Replace(scene, at, record.Message.Key, record.Message.Value);
        await using var fleet = new Fleet(scene);
        fleet.Start("a");
        await fleet.Until(() => fleet.Said("is where it was").Count >= 2, "the state is read");
        await fleet.StopAll();
    }

    [BrokerFact, Trait("Faults", "S19")]
    public async Task Changed_options_restart_that_detector_alone()
    {
        using var scene = await Scene.Create(cluster, 2);
        await Prepare(scene);
        using var changed = new TemporaryFile(await File.ReadAllTextAsync(scene.Configuration) + "detectors.adwin.delta: 0.01\n");
        var references = Log.Read(scene.Servers, scene.Topics.Panes).Count(HasReference);
        await using (var driftd = new DriftdProcess("run", "--config", changed.Path))
        {
            using var feed = new Feed(scene, 20_000, seed: 19);
            await feed.Published;
            using var progress = new Progress(scene);
            await driftd.Until(progress.AllDetected, "the new events are committed");
            await driftd.Until(() => driftd.Sum("driftd_occurrences_total", "detectors_restarted") > 2, "restarts are counted in both stages");
            print.WriteLine($"S19: {driftd.Sum("driftd_occurrences_total", "detectors_restarted")} detectors began anew: DETECT's one a partition, DECIDE's on rounds");
            Assert.Equal(0, (await driftd.Stop()).ExitCode);
        }

        // references are no detector's: had they been lost, new ones would have been learnt and sent
        Assert.True(references > 0);
        Assert.Equal(references, Log.Read(scene.Servers, scene.Topics.Panes).Count(HasReference));

        static bool HasReference(ConsumeResult<byte[], byte[]> pane) => PaneCodec.Decode(pane.Message.Value).Streams.Any(static stream => stream.Reference is not null);
    }

    /// <summary>10,000 events, all taken, all state saved.</summary>
    private static async Task Prepare(Scene scene)
    {
        using var feed = new Feed(scene, 10_000, seed: 13);
        await feed.Published;
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        fleet.Start("before");
        await fleet.Until(progress.AllDetected, "all is committed");
        await fleet.StopAll();
    }

    /// <summary>The newest state of a model, and where it lies.</summary>
    private static (TopicPartition At, ConsumeResult<byte[], byte[]> Record) Newest(Scene scene)
    {
        var record = Log.Read(scene.Servers, scene.Topics.State(StageRole.Detect))
            .Where(static record => StateKey.Decode(record.Message.Key).Kind == StateKind.Monitor).MaxBy(static record => record.Offset.Value)!;
        return (record.TopicPartition, record);
    }

    private static async Task<long> Replace(Scene scene, TopicPartition at, byte[] key, byte[] value)
    {
        using var producer = Feed.Producer(scene.Servers);
        return (await producer.ProduceAsync(at, new Message<byte[]?, byte[]?> { Key = key, Value = value })).Offset.Value;
    }

    /// <summary>What driftd says as it refuses to run; it must end by itself with exit code 1.</summary>
    private async Task<string> Refusal(Scene scene)
    {
        await using var driftd = new DriftdProcess("run", "--config", scene.Configuration);
        var code = await driftd.Ended();
        await Until.True(() => driftd.Errors.Exists(static line => line.Contains("cannot be read", StringComparison.Ordinal)), "it says why");
        Assert.Equal(1, code);
        var refusal = driftd.Errors.Last(static line => line.Contains("cannot be read", StringComparison.Ordinal));
        print.WriteLine(refusal);
        return refusal;
    }

    private static async Task CompactEagerly(Scene scene)
    {
        using var admin = scene.Cluster.Admin();
        await admin.IncrementalAlterConfigsAsync(new()
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = scene.Topics.State(StageRole.Detect) }] =
            [
                new ConfigEntry { Name = "segment.ms", Value = "1000", IncrementalOperation = AlterConfigOpType.Set },
                new ConfigEntry { Name = "min.cleanable.dirty.ratio", Value = "0.01", IncrementalOperation = AlterConfigOpType.Set },
                new ConfigEntry { Name = "max.compaction.lag.ms", Value = "1000", IncrementalOperation = AlterConfigOpType.Set },
            ],
        });
    }

    /// <summary>Whether older records of a key are gone: the first half of the log, where positions were written with every commit, holds each key once.</summary>
    private static bool IsCompacted(Scene scene)
    {
        var records = Log.Read(scene.Servers, scene.Topics.State(StageRole.Detect));
        return records.GroupBy(static record => record.Partition.Value).All(static log => log.Max(static record => record.Offset.Value) is > 40 and var end
            && log.Where(record => record.Offset.Value < end / 2).CountBy(static record => Convert.ToHexString(record.Message.Key)).All(static key => key.Value == 1));
    }
}
