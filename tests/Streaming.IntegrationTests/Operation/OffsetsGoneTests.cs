using System.Text.RegularExpressions;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>Offsets or topics that are not what they were: each stops with its sentence, or goes on exactly as the policy says, counted.</summary>
[Collection("kafka")]
public class OffsetsGoneTests(KafkaCluster cluster)
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero };

    private readonly string _id = "o" + Guid.NewGuid().ToString("N")[..8];

    private string Input => _id + "-in";

    [BrokerTheory]
    [InlineData(MissingOffsets.Stop, 0)]
    [InlineData(MissingOffsets.Earliest, 1_000)]
    [InlineData(MissingOffsets.Latest, 0)]
    public async Task Retention_beyond_the_committed_offset(MissingOffsets policy, int expected)
    {
        var kafka = await Attached(1, 500);
        Publish(0, 2_000);
        await Delete(1_500);

        await Goes(kafka with { OnMissingOffsets = policy }, expected, $"offset 500 of {Input} [0] is no longer in the log");
    }

    [BrokerTheory]
    [InlineData(MissingOffsets.Stop)]
    [InlineData(MissingOffsets.Earliest)]
    [InlineData(MissingOffsets.Latest)]
    public async Task Retention_beyond_where_the_replay_must_begin(MissingOffsets policy)
    {
        var kafka = await Created(1);
        Publish(0, 500);
        await using (var killed = new DriftdProcess(
            "run", "--topic", Input, "--group", _id, "--prefix", kafka.Prefix, "--bootstrap-servers", cluster.BootstrapServers, "--listen", "127.0.0.1:0", "--roles", "detect"))
        {
            await killed.Until(() => killed.Sum("driftd_events_total") == 500, "all is taken");
            await killed.Until(() => Committed(_id) == 500, "all is committed");
        }

        Publish(0, 100);
        await Delete(200);

        // what is left of the replay is fed again, and all that was not committed is taken
        await Goes(kafka with { OnMissingOffsets = policy }, 100, $"offset 0 of {Input} [0] is no longer in the log");
    }

    [BrokerTheory]
    [InlineData(MissingOffsets.Stop, 0)]
    [InlineData(MissingOffsets.Earliest, 300)]
    [InlineData(MissingOffsets.Latest, 0)]
    public async Task A_topic_deleted_and_created_anew(MissingOffsets policy, int expected)
    {
        var kafka = await Attached(1, 500);
        await Recreate(1);
        Publish(0, 300);

        await Goes(kafka with { OnMissingOffsets = policy }, expected, $"{Input} was deleted and created anew since its partition 0 was processed");
    }

    [BrokerFact]
    public async Task A_topic_deleted_and_created_anew_while_it_is_read()
    {
        var kafka = await Created(1) with { OnMissingOffsets = MissingOffsets.Earliest };
        Publish(0, 500);
        await using var driftd = new Driftd(kafka, Quick, StageRole.Detect);
        await Until.True(() => driftd.Events == 500, "all is taken");

        await Recreate(1);
        Publish(0, 300);

        await Until.True(() => driftd.Events == 800, () => $"what is in the new topic is taken: {driftd.Events}\n{driftd.Log}", TimeSpan.FromSeconds(120));
        Assert.Equal(1, driftd.Telemetry.Latest(StageRole.Detect).OffsetsMissing);
        await driftd.Stop();
    }

    [BrokerTheory]
    [InlineData(MissingOffsets.Stop, 0)]
    [InlineData(MissingOffsets.Earliest, 100)]
    [InlineData(MissingOffsets.Latest, 0)]
    public async Task Offsets_of_the_group_deleted_while_state_is_there(MissingOffsets policy, int expected)
    {
        var kafka = await Attached(1, 500);
        Publish(0, 100);
        using (var admin = cluster.Admin())
        {
            await admin.DeleteGroupsAsync([_id]);
        }

        // those of the commands are gone as well
        await Goes(
            kafka with { OnMissingOffsets = policy }, expected, $"the group has no offset for {Input} [0], though its state says 500 was committed", 1 + Topics.DefaultPartitions);
    }

    [BrokerFact]
    public async Task A_partition_that_was_added_is_read_from_its_beginning_whatever_startFrom_says()
    {
        var kafka = await Created(2) with { StartFrom = "latest" };
        await using (var first = new Driftd(kafka, Quick, StageRole.Detect))
        {
            await Until.True(() => Committed(_id) == 0, "where it begins is committed");
            await first.Stop();
        }

        using var admin = cluster.Admin();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Input, IncreaseTo = 3 }]);
        Publish(2, 100);
        await using var second = new Driftd(kafka, Quick, StageRole.Detect);

        await Until.True(() => second.Events == 100, () => $"the new partition's events are taken\n{second.Log}");
        Assert.Equal(0, second.Telemetry.Latest(StageRole.Detect).OffsetsMissing);

        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Input, IncreaseTo = 4 }]);
        Publish(3, 50);

        await Until.True(() => second.Events == 150, () => $"so are those of one that is added while it runs\n{second.Log}", TimeSpan.FromSeconds(120));
        await second.Stop();
    }

    [BrokerTheory]
    [InlineData("earliest", 500)]
    [InlineData("latest", 0)]
    [InlineData("2026-11-01T00:00:00Z", 200)]
    [InlineData("2026-11-03T00:00:00Z", 0)]
    public async Task A_first_attach_begins_where_startFrom_says_and_keeps_to_it(string startFrom, int expected)
    {
        var kafka = await Created(1) with { StartFrom = startFrom };
        Publish(0, 300, new DateTime(2026, 10, 30, 0, 0, 0, DateTimeKind.Utc));
        Publish(0, 200, new DateTime(2026, 11, 2, 0, 0, 0, DateTimeKind.Utc));
        await using (var first = new Driftd(kafka, Quick, StageRole.Detect))
        {
            await Until.True(() => Committed(_id) == 500, () => $"the end is committed\n{first.Log}");
            Assert.Equal(expected, first.Events);
            Assert.Equal(0, first.Telemetry.Latest(StageRole.Detect).OffsetsMissing);
            await first.Stop();
        }

        Publish(0, 50);
        await using var second = new Driftd(kafka, Quick, StageRole.Detect);
        await Until.True(() => second.Events == 50, "what came while nothing ran is taken");
        await second.Stop();
    }

    /// <summary>Stops with the sentence, or takes what is expected and then goes on.</summary>
    private async Task Goes(KafkaOptions kafka, int expected, string sentence, int missing = 1)
    {
        await using var driftd = new Driftd(kafka, Quick, StageRole.Detect);
        if (kafka.OnMissingOffsets == MissingOffsets.Stop)
        {
            var error = await Assert.ThrowsAsync<WorkerFailedException>(() => driftd.Ended.WaitAsync(TimeSpan.FromSeconds(60)));
            var said = missing == 1 ? Regex.Escape(sentence)
                : $"({Regex.Escape(sentence)}|the group has no offset for {Regex.Escape(_id)}\\.commands \\[[0-3]\\], though its state says 0 was committed)";
            Assert.Matches($"^{said}; set onMissingOffsets to earliest or latest to go on", error.Message);
            return;
        }

        await Until.True(
            () => driftd.Workers[0].Ready && driftd.Events == expected && driftd.Lag(StageRole.Detect) == 0,
            () => $"what the policy says is taken: {driftd.Events} of {expected}, ready {driftd.Workers[0].Ready}\n{driftd.Log}");
        Publish(0, 70);
        await Until.True(() => driftd.Events == expected + 70, "it goes on");
        Assert.Equal(expected + 70, driftd.Events);
        Assert.Equal(missing, driftd.Telemetry.Latest(StageRole.Detect).OffsetsMissing);
        Assert.True(driftd.Log.Contains("Warning: " + sentence), driftd.Log.ToString());
        await driftd.Stop();
    }

    private async Task<KafkaOptions> Created(int partitions)
    {
        await cluster.Create(Input, partitions);
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

    /// <summary>Events taken and a clean stop.</summary>
    private async Task<KafkaOptions> Attached(int partitions, int events)
    {
        var kafka = await Created(partitions);
        Publish(0, events);
        await using var driftd = new Driftd(kafka, Quick, StageRole.Detect);
        await Until.True(() => driftd.Events == events, "all is taken");
        await driftd.Stop();
        return kafka;
    }

    private async Task Recreate(int partitions)
    {
        using var admin = cluster.Admin();
        await admin.DeleteTopicsAsync([Input]);
        await Until.True(() => admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.TrueForAll(topic => topic.Topic != Input), "the topic is gone");
        await cluster.Create(Input, partitions);
    }

    private async Task Delete(long before)
    {
        using var admin = cluster.Admin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(Input, 0, before)]);
    }

    private long Committed(string group)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = cluster.BootstrapServers, GroupId = group }).Build();
        return consumer.Committed([new TopicPartition(Input, 0)], TimeSpan.FromSeconds(10))[0].Offset.Value;
    }

    private void Publish(int partition, int count, DateTime? time = null)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers, LingerMs = 20 }).Build();
        for (var i = 0; i < count; i++)
        {
            var message = new Message<byte[], byte[]> { Value = Text.Event(i), Timestamp = time is { } at ? new Timestamp(at) : Timestamp.Default };
            producer.Produce(new TopicPartition(Input, partition), message);
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
