using System.Diagnostics;
using System.Text.Json;
using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>Labels on a topic of their own, with real brokers.</summary>
[Collection("kafka")]
[Trait("Faults", "labels")]
public class LabelTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    // two panes of 256 events or labels, of which each partition has 1,000 a second
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(0.6);

    private static readonly MonitoringOptions Options = Scene.Usual with { LabelHorizons = new LabelHorizons { Default = Horizon } };

    private static readonly string[] Lines = ["labels: \"{topic}={topic}-labels\"", "labelHorizon: 4s"];

    [BrokerFact]
    public async Task Late_shuffled_doubled_and_corrected_labels_find_the_same_changes_however_often_the_process_is_killed()
    {
        // event time runs as the clock does, and goes on after the last takeover: a round that the end of the log leaves open finds nothing
        var (events, perSecond, kills) = FullForm.Asked ? (200_000L, 3_000, 20) : (90_000L, 3_000, 3);
        using var scene = await Create(partitions: 3);
        await using var fleet = new Fleet(scene);
        fleet.Start("a");
        fleet.Start("b");
        var feed = new LabelFeed(scene, events, Horizon);
        var published = feed.Publish(perSecond);
        for (var kill = 0; kill < kills; kill++)
        {
            using var pause = new PeriodicTimer(TimeSpan.FromSeconds(2 + (kill % 3 / 2.0)));
            await pause.WaitForNextTickAsync();
            var victim = kill % 2 == 0 ? "a" : "b";
            await fleet.Kill(victim);
            fleet.Start(victim);
        }

        await published;
        var auditor = new LabelAuditor(scene, feed.LabelsTopic);
        await auditor.Quiet(fleet, Long);
        await fleet.StopAll();

        var (panes, counts) = await auditor.Check();
        print.WriteLine($"labels: {events} events, {counts}; {fleet.Kills} kills of two processes, {panes.Count} panes as the oracle's");
        Assert.Equal(kills, fleet.Kills);
        // what panes hold that are open still is in the state alone
        Assert.InRange(panes.Sum(static pane => pane.Events), events - 2_000, events);
        Assert.InRange(panes.Sum(static pane => pane.Labels), feed.Labelled - 2_000, feed.Labelled);
        Assert.Equal(
            (feed.Labelled + feed.Duplicates + feed.Corrections + feed.Orphans, feed.Labelled, feed.Duplicates, feed.Corrections, 0, 0, 0),
            (counts.Taken, counts.Joined, counts.Duplicates, counts.Corrections, counts.TooLate, counts.Misfits, counts.Evicted));
        Assert.InRange(counts.Orphans, 1, feed.Orphans);
        AssertDelays(feed, auditor.Apart(), LabelAuditor.DetectedAt(Log.Read(scene.Servers, scene.Triggers).Select(static trigger => trigger.Message.Value)));
    }

    /// <summary>The same changes as with immediate labels, later by what labels take and by what kills keep a partition behind.</summary>
    private void AssertDelays(LabelFeed feed, List<TimeSpan> apart, List<DateTimeOffset> found)
    {
        var (soon, inOrder) = (LabelAuditor.DetectedAt(feed.Immediate().Select(static trigger => trigger.Value!)), LabelAuditor.DetectedAt(feed.InOrder().Select(static trigger => trigger.Value!)));
        Assert.Equal((soon.Count, soon.Count, soon.Count), (inOrder.Count, found.Count, apart.Count));
        for (var i = 0; i < soon.Count; i++)
        {
            var (labels, kills) = ((inOrder[i] - soon[i]).TotalSeconds, (found[i] - inOrder[i]).TotalSeconds);
            print.WriteLine($"labels: detected {labels:0.0} s of event time after immediate labels where nothing is killed, {kills:0.0} s more with kills, partitions {apart[i].TotalSeconds:0.0} s apart");

            // once the longest delay is over all labels are of events after the change: no more of them are needed than with immediate labels, but for the round they fall in
            Assert.InRange(labels, 0, (0.9 * feed.LongestDelay.TotalSeconds) + Round.TotalSeconds);

            // a round waits for the partition that lies farthest behind, and is dated by the one farthest ahead; nothing is found before the change
            Assert.InRange(kills, -labels - Round.TotalSeconds, apart[i].TotalSeconds + Round.TotalSeconds);
        }
    }

    [BrokerFact]
    public async Task Catching_up_takes_both_topics_in_the_order_of_their_timestamps_and_drops_no_label()
    {
        var events = FullForm.Asked ? 2_000_000L : 60_000L;
        using var scene = await Create(partitions: 2, "limits.queuedRecords: 4000");
        var feed = new LabelFeed(scene, events, Horizon, everyNth: 10);
        await feed.Publish();
        await using var fleet = new Fleet(scene);
        var watch = Stopwatch.StartNew();
        fleet.Start("a");
        await fleet.Until(() => fleet["a"].Sum("driftd_label_outcomes_total", "joined") == feed.Labelled && fleet.Sum("driftd_events_total") == events, "all is taken", Long);

        var took = watch.Elapsed;
        print.WriteLine($"labels: caught up with {events} events and {feed.Labelled} labels in {took.TotalSeconds:0.0} s, {fleet.Sum("driftd_merge_unordered_total")} out of order");
        Assert.Equal(0, fleet.Sum("driftd_merge_unordered_total"));
        Assert.Equal(0, fleet["a"].Sum("driftd_label_outcomes_total", "too_late"));
        Assert.Equal(0, fleet["a"].Sum("driftd_open_predictions_evicted_total"));
    }

    [BrokerFact]
    public async Task A_labels_topic_that_falls_silent_does_not_stop_predictions()
    {
        using var scene = await Create(partitions: 1);
        await using var fleet = new Fleet(scene);
        fleet.Start("a");
        using var producer = Feed.Producer(scene.Servers);
        Publish(producer, scene, 0, 500);
        Feed.Send(producer, new TopicPartition(scene.Topic + "-labels", 0), "e1"u8.ToArray(), """{"id":"e1","label":1}"""u8.ToArray());
        producer.Flush();
        await fleet.Until(() => fleet.Sum("driftd_events_total") == 500 && fleet["a"].Sum("driftd_label_outcomes_total", "joined") == 1, "events and the label are taken");

        var watch = Stopwatch.StartNew();
        Publish(producer, scene, 500, 1_000);
        producer.Flush();
        await fleet.Until(() => fleet.Sum("driftd_events_total") == 1_000, "predictions go on without labels", TimeSpan.FromSeconds(20));
        print.WriteLine($"labels: predictions taken {watch.Elapsed.TotalSeconds:0.0} s after they were published, labels silent");
        Assert.Equal(1_000, fleet.Sum("driftd_open_predictions"));
    }

    [BrokerFact]
    public async Task A_labels_topic_with_another_number_of_partitions_is_refused_and_said_how_to_mend()
    {
        using var scene = await Scene.Create(cluster, 2, Options, Lines);
        await cluster.Create(scene.Topic + "-labels", 3);
        await using var driftd = new DriftdProcess("run", "--config", scene.Configuration);

        Assert.Equal(1, await driftd.Ended());
        Assert.Contains(driftd.Errors, line => line.Contains("-labels has 3 partitions", StringComparison.Ordinal) && line.Contains("with 2 partitions", StringComparison.Ordinal));
    }

    [BrokerFact]
    public async Task The_electricity_market_gives_triggers_with_labels_a_day_late_too()
    {
        using var scene = await Scene.Create(cluster, 4, Scene.Usual, ["labels: \"{topic}={topic}-labels\""]);
        await cluster.Create(scene.Topic + "-labels", 4);
        await using (var publish = new DriftdProcess(
            "publish", Elec2.File, "--topic", scene.Topic, "--model", Elec2.Model, "--labels-topic", scene.Topic + "-labels", "--label-delay", "24h", "--bootstrap-servers", scene.Servers))
        {
            Assert.Equal(0, await publish.Ended());
            Assert.Equal($"published {Elec2.Events} events to {scene.Topic} (4 partitions) and {Elec2.Events} labels to {scene.Topic}-labels, 0 rows skipped", publish.Output[^1]);
        }

        await using var fleet = new Fleet(scene);
        fleet.Start("a");
        var auditor = new LabelAuditor(scene, scene.Topic + "-labels");
        await auditor.Quiet(fleet, Long);
        await fleet.StopAll();

        var (_, counts) = await auditor.Check();
        var late = LabelAuditor.DetectedAt(Log.Read(scene.Servers, scene.Triggers).Select(static trigger => trigger.Message.Value));
        var soon = LabelAuditor.DetectedAt(WithLabelsInside(scene));
        print.WriteLine($"labels: Elec2, a day late: {late.Count} triggers, first {late[0]:u}; with labels inside {soon.Count}, first {soon[0]:u}: {(late[0] - soon[0]).TotalDays:0.0} days later; {counts}");
        Assert.Equal((Elec2.Events, Elec2.Events), (counts.Taken, counts.Joined));
        Assert.InRange((late[0] - soon[0]).TotalDays, 0, 10);
    }

    private static List<byte[]> WithLabelsInside(Scene scene)
    {
        var triggers = new List<byte[]>();
        var pipeline = new Pipeline(scene.Options, scene.Topic, scene.Partitions, output =>
        {
            if (output.Topic == OutputTopic.Triggers)
            {
                triggers.Add(output.Value!);
            }
        });
        foreach (var (id, value) in Elec2.Read())
        {
            using var json = JsonDocument.Parse(value);
            pipeline.Process(Pipeline.PartitionOf(id, scene.Partitions), json.RootElement.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds(), value, id);
        }

        pipeline.Complete();
        return triggers;
    }

    private static void Publish(IProducer<byte[]?, byte[]?> producer, Scene scene, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            Feed.Send(producer, new TopicPartition(scene.Topic, 0), null, System.Text.Encoding.UTF8.GetBytes($"{{\"id\":\"e{i}\",\"model\":\"m\",\"prediction\":0.7}}"));
        }
    }

    private async Task<Scene> Create(int partitions, params string[] lines)
    {
        var scene = await Scene.Create(cluster, partitions, Options, [.. Lines, .. lines]);
        await cluster.Create(scene.Topic + "-labels", partitions);
        return scene;
    }
}
