using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

[Collection("kafka")]
public class StreamWorkerTests(KafkaCluster cluster)
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };

    private readonly string _id = "t" + Guid.NewGuid().ToString("N")[..8];

    [BrokerFact]
    public async Task Events_become_panes_signals_and_triggers_that_the_stages_alone_give_for_the_same_logs()
    {
        var kafka = await Topics(4) with { IdleFlush = TimeSpan.Zero };
        await Publish(kafka.Topics[0], 4, 40_000, i => i < 20_000 ? 0.1 : 0.35);

        await using (var driftd = new Driftd(kafka, Quick))
        {
            await Until.True(() => driftd.Events == 40_000, "all events are taken");
            await driftd.Stop();
        }

        await using (var decide = new Driftd(kafka, Quick, StageRole.Decide))
        {
            await Until.True(() => decide.Telemetry.Latest(StageRole.Decide) is { Ready: true, Lags.Count: > 0 } && decide.Lag(StageRole.Decide) == 0, "panes are decided");
        }

        var panes = Log.Read(cluster.BootstrapServers, kafka.Prefix + "panes");
        var triggers = Log.Read(cluster.BootstrapServers, kafka.Prefix + "triggers");
        Oracle.AssertPanes(Quick, Log.Read(cluster.BootstrapServers, kafka.Topics[0]), panes, await cluster.TopicId(kafka.Topics[0]), 4);
        Oracle.AssertDecisions(Quick, panes, Log.Read(cluster.BootstrapServers, kafka.Prefix + "signals"), triggers);
        Assert.NotEmpty(triggers);
    }

    [BrokerFact]
    public async Task Stopping_under_load_loses_nothing_and_doubles_nothing()
    {
        var kafka = await Topics(4);
        using var enough = new CancellationTokenSource();
        var publishing = PublishUntil(kafka.Topics[0], 4, enough.Token);
        for (var run = 0; run < 4; run++)
        {
            await using var driftd = new Driftd(kafka, Quick, StageRole.Detect);
            await Until.True(() => driftd.Events > 2_000, "some events are taken");
            var watch = System.Diagnostics.Stopwatch.StartNew();
            await driftd.Stop();
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"the stop took {watch.Elapsed.TotalSeconds:0.0} s");
        }

        await enough.CancelAsync();
        var published = await publishing;
        await using (var last = new Driftd(kafka, Quick, StageRole.Detect))
        {
            await Until.True(() => last.Has(StageRole.Detect) == 4 && last.Lag(StageRole.Detect) == 0, "the rest is taken");
            await last.Stop();
        }

        await AssertCovered(kafka, published);
    }

    [BrokerFact]
    public async Task Bad_records_become_dead_letters_and_all_good_ones_are_counted()
    {
        var kafka = await Topics(2);
        using var producer = Producer();
        var bad = BadRecords.Every(1_000).ToList();
        var expected = new List<(int, long, string)>();
        for (var i = 0; i < 20_000; i++)
        {
            producer.Produce(new TopicPartition(kafka.Topics[0], i % 2), new() { Key = Encoding.UTF8.GetBytes("k" + i), Value = Event(i, 0.1) });
            if (i % 20 == 0)
            {
                var (value, reason) = bad[i / 20];
                producer.Produce(new TopicPartition(kafka.Topics[0], i % 2), new() { Key = null!, Value = value! },
                    report => expected.Add((report.Partition.Value, report.Offset.Value, reason)));
            }
        }

        producer.Flush();
        await using (var driftd = new Driftd(kafka, Quick, StageRole.Detect))
        {
            await Until.True(() => driftd.Events == 20_000, "all good events are taken");
            await Until.True(() => driftd.Telemetry.Latest(StageRole.Detect).Stage.DeadLetters.Sum(d => d.Count) == 1_000, "all bad ones are");
            await driftd.Stop();
        }

        var letters = Log.Read(cluster.BootstrapServers, kafka.Prefix + "dead-letters");
        Assert.Equal(
            expected.Order(),
            letters.Select(letter => (int.Parse(Header(letter, "partition")), long.Parse(Header(letter, "offset")), Header(letter, "reason"))).Order());
        Assert.All(letters, letter => Assert.Equal(kafka.Topics[0], Header(letter, "topic")));
    }

    [BrokerFact]
    public async Task A_missing_topic_is_waited_for()
    {
        var kafka = Options();
        await using var driftd = new Driftd(kafka, Quick, StageRole.Detect);
        Assert.False(driftd.Workers[0].Ready);

        await CreateAll(kafka, 1);

        await Until.True(() => driftd.Workers[0].Ready, "the worker is ready");
    }

    [BrokerFact]
    public async Task Offsets_that_are_gone_stop_the_worker_with_a_sentence()
    {
        var kafka = await Topics(1);
        await Publish(kafka.Topics[0], 1, 500, _ => 0.1);
        await using (var driftd = new Driftd(kafka, Quick, StageRole.Detect))
        {
            await Until.True(() => driftd.Events == 500, "offsets are committed");
            await driftd.Stop();
        }

        await Publish(kafka.Topics[0], 1, 2_000, _ => 0.1);
        using var admin = cluster.Admin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(kafka.Topics[0], 0, 1_500)]);

        await using var second = new Driftd(kafka, Quick, StageRole.Detect);
        var error = await Assert.ThrowsAsync<WorkerFailedException>(() => second.Ended.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("is no longer in the log; set onMissingOffsets", error.Message, StringComparison.Ordinal);
    }

    [BrokerFact]
    public async Task Two_workers_share_the_partitions_and_together_take_every_event_once()
    {
        var kafka = await Topics(4);
        long published;
        await using (var first = new Driftd(kafka, Quick, StageRole.Detect))
        {
            using var enough = new CancellationTokenSource();
            var publishing = PublishUntil(kafka.Topics[0], 4, enough.Token);
            await Until.True(() => first.Events > 1_000, "the first one works");
            await using (var second = new Driftd(kafka with { Slot = "two" }, Quick, StageRole.Detect))
            {
                await Until.True(() => second.Has(StageRole.Detect) == 2, "the second one has its share");
                await Until.True(() => second.Events > 1_000, "the second one works");
                await second.Stop();
            }

            await Until.True(() => first.Has(StageRole.Detect) == 4, "the first one has all again");
            await enough.CancelAsync();
            published = await publishing;
            await Until.True(() => first.Lag(StageRole.Detect) == 0, "all is taken");
            await first.Stop();
        }

        await AssertCovered(kafka, published);
    }

    /// <summary>Closes what is open by idleness, then checks that the panes hold every event once.</summary>
    private async Task AssertCovered(KafkaOptions kafka, long events)
    {
        List<Pane> panes = [];
        await using (new Driftd(kafka with { IdleFlush = TimeSpan.FromMilliseconds(200) }, Quick, StageRole.Detect))
        {
            await Until.True(
                () => (panes = [.. Log.Read(cluster.BootstrapServers, kafka.Prefix + "panes").Select(record => PaneCodec.Decode(record.Message.Value))])
                    .Sum(pane => pane.Events) >= events,
                "all events lie in panes");
        }

        Oracle.AssertCovered(panes, events);
    }

    private static string Header(ConsumeResult<byte[], byte[]> letter, string name) =>
        Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("__driftd.errors." + name));

    private static byte[] Event(int i, double errorRate)
    {
        var random = new Random(i);
        var (income, score) = (random.NextDouble(), random.NextDouble());
        var truth = score >= 0.5 ? 1 : 0;
        var label = random.NextDouble() < errorRate ? 1 - truth : truth;
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"id":"e{{{i}}}","model":"credit","version":"1","time":{{{1_795_305_600_000 + i}}},"features":{"income":{{{income:0.####}}},"kind":"{{{(i % 3 == 0 ? "a" : "b")}}}"},"prediction":{{{score:0.####}}},"label":{{{label}}}}"""));
    }

    private IProducer<byte[], byte[]> Producer() => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = cluster.BootstrapServers,
        EnableIdempotence = true,
        LingerMs = 20,
        QueueBufferingMaxMessages = 500_000,
    }).Build();

    private Task Publish(string topic, int partitions, int count, Func<int, double> errorRate) => Task.Run(() =>
    {
        using var producer = Producer();
        for (var i = 0; i < count; i++)
        {
            producer.Produce(new TopicPartition(topic, i % partitions), new() { Key = Encoding.UTF8.GetBytes("e" + i), Value = Event(i, errorRate(i)) });
        }

        producer.Flush();
    });

    /// <summary>About 10,000 events a second until told to stop; returns how many.</summary>
    private Task<long> PublishUntil(string topic, int partitions, CancellationToken enough) => Task.Run(() =>
    {
        using var producer = Producer();
        var count = 0;
        while (!enough.WaitHandle.WaitOne(20))
        {
            for (var i = 0; i < 200; i++, count++)
            {
                producer.Produce(new TopicPartition(topic, count % partitions), new() { Value = Event(count, 0.1) });
            }
        }

        producer.Flush(CancellationToken.None);
        return (long)count;
    });

    private KafkaOptions Options() => new()
    {
        BootstrapServers = cluster.BootstrapServers,
        Topics = [_id + "-in"],
        Group = _id,
        Prefix = _id + ".",
        CommitInterval = TimeSpan.FromMilliseconds(50),
    };

    private async Task<KafkaOptions> Topics(int partitions)
    {
        var kafka = Options();
        await CreateAll(kafka, partitions);
        return kafka;
    }

    private async Task CreateAll(KafkaOptions kafka, int partitions)
    {
        await cluster.Create(kafka.Topics[0], partitions);
        using var admin = cluster.Admin();
        await new Topics(kafka.Prefix).CreateAsync(admin, []);
    }
}
