using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>What holds with a labels topic after any fault: the measure is one thread that takes both logs in the order that was recorded.</summary>
internal sealed class LabelAuditor(Scene scene, string labelsTopic)
{
    private static readonly TimeSpan Read = TimeSpan.FromMinutes(2);

    /// <summary>Whether both topics are committed to their ends.</summary>
    public bool AllTaken()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = scene.Servers, GroupId = scene.Kafka.Group }).Build();
        var partitions = ((string[])[scene.Topic, labelsTopic]).SelectMany(topic => Enumerable.Range(0, scene.Partitions).Select(partition => new TopicPartition(topic, partition)));
        try
        {
            return consumer.Committed(partitions, Read).TrueForAll(committed =>
                consumer.QueryWatermarkOffsets(committed.TopicPartition, Read).High.Value is var high && (high == 0 || committed.Offset.Value >= high));
        }
        catch (KafkaException)
        {
            // no broker coordinates the group before its first member has come
            return false;
        }
    }

    /// <summary>Waits until DECIDE has committed all panes too.</summary>
    public async Task Quiet(Fleet fleet, TimeSpan? deadline = null)
    {
        using var progress = new Progress(scene);
        await fleet.Until(AllTaken, "both topics are committed by DETECT", deadline);
        var ends = Log.Read(scene.Servers, scene.Topics.Panes).GroupBy(static pane => pane.Partition.Value)
            .ToDictionary(static log => log.Key, static log => log.Max(static pane => pane.Offset.Value) + 1);
        await fleet.Until(() => progress.AllDecided(ends), "all panes are committed by DECIDE", deadline);
    }

    /// <summary>Panes, signals and triggers are those of the oracle; returns the panes, and all counts of labels as the state holds them.</summary>
    public async Task<(List<Pane> Panes, LabelCounts Counts)> Check()
    {
        var (expected, counts) = (new List<string>(), default(LabelCounts));
        var (topicId, labelsId) = (await scene.Cluster.TopicId(scene.Topic), await scene.Cluster.TopicId(labelsTopic));
        var orders = Orders();
        for (var partition = 0; partition < scene.Partitions; partition++)
        {
            expected.AddRange(Panes(partition, topicId, labelsId, orders));
            counts += Counted(partition, labelsId);
        }

        var panes = Log.Read(scene.Servers, scene.Topics.Panes);
        Assert.Equal(expected.Order(StringComparer.Ordinal), panes.Select(static pane => Convert.ToHexString(pane.Message.Value)).Order(StringComparer.Ordinal));
        Oracle.AssertDecisions(scene.Options, panes, Log.Read(scene.Servers, scene.Signals), Log.Read(scene.Servers, scene.Triggers));
        return ([.. panes.Select(static pane => PaneCodec.Decode(pane.Message.Value))], counts);
    }

    /// <summary>How far partitions lay apart when the round of each trigger closed: from where the slowest was when the round began to where the fastest was in the end.</summary>
    /// <remarks>
    /// What is detected is detected by rounds, and a round waits for a pane of every partition. One that is taken over, or catches up, lies behind; the
    /// time of a signal is that of the partition farthest ahead.
    /// </remarks>
    public List<TimeSpan> Apart()
    {
        var (stage, apart, output) = (new DecideStage(scene.Options), new List<TimeSpan>(), new List<OutputRecord>());
        var panes = Log.Read(scene.Servers, scene.Topics.Panes);

        // one that has given no pane yet lies where all begin; no round waits for it
        var begin = panes.Min(static record => PaneCodec.Decode(record.Message.Value).FirstTime);
        var (watermarks, given, seen, slowest) = (Enumerable.Repeat(begin, scene.Partitions).ToArray(), new HashSet<int>(), new HashSet<int>(), begin);
        stage.Assign(panes[0].Topic, panes[0].Partition.Value, Guid.Empty);
        foreach (var record in panes)
        {
            var pane = PaneCodec.Decode(record.Message.Value);
            watermarks[pane.Spans[0].Partition] = pane.Watermark;
            given.Add(pane.Spans[0].Partition);
            seen.Add(pane.Spans[0].Partition);
            output.Clear();
            stage.Process(record.Topic, record.Partition.Value, [new LogRecord(record.Offset.Value, record.Message.Timestamp.UnixTimestampMs, record.Message.Key, record.Message.Value)], output);
            apart.AddRange(output.Where(static one => one.Topic == OutputTopic.Triggers).Select(_ => TimeSpan.FromMilliseconds(watermarks.Max() - slowest)));
            if (given.Count == seen.Count)
            {
                slowest = watermarks.Min();
                given.Clear();
            }
        }

        return apart;
    }

    /// <summary>When triggers say that drift was detected.</summary>
    public static List<DateTimeOffset> DetectedAt(IEnumerable<byte[]> triggers) =>
        [.. triggers.Select(static trigger => JsonDocument.Parse(trigger).RootElement.GetProperty("data").GetProperty("detectedAt").GetDateTimeOffset()).Order()];

    private IEnumerable<string> Panes(int partition, Guid topicId, Guid labelsId, List<(int Partition, byte[] Value)> orders)
    {
        var (predictions, labels) = (Log.Partition(scene.Servers, scene.Topic, partition), Log.Partition(scene.Servers, labelsTopic, partition));
        var (stage, order, written) = (new DetectStage(scene.Options), new MergeOrder(default), new List<OutputRecord>());
        stage.Assign(scene.Topic, partition, topicId);
        stage.Pair(scene.Topic, partition, labelsTopic, labelsId, default);
        foreach (var recorded in orders.Where(one => one.Partition == partition))
        {
            order.Taken.Load(recorded.Value, labelsId);
        }

        order.BeginReplay(new LogOffsets(long.MaxValue, long.MaxValue));
        var (p, l) = (0, 0);
        while (order.Next(new InputHead(predictions.AsSpan(p), true), new InputHead(labels.AsSpan(l), true), int.MaxValue) is { } next)
        {
            var isLabel = next.Side == InputSide.Labels;
            var records = isLabel ? labels.AsSpan(l, next.Count) : predictions.AsSpan(p, next.Count);
            stage.Process(isLabel ? labelsTopic : scene.Topic, partition, records, written);
            order.Take(next.Side, records);
            (p, l) = isLabel ? (p, l + next.Count) : (p + next.Count, l);
        }

        Assert.Equal((predictions.Length, labels.Length), (p, l));
        return written.Where(static record => record.Topic == OutputTopic.Panes).Select(static record => Convert.ToHexString(record.Value!));
    }

    /// <summary>All that was ever recorded of the order, from the log as it was written: what no replay needs has a tombstone by now.</summary>
    private List<(int Partition, byte[] Value)> Orders()
    {
        using var envelope = new StateEnvelope();
        return
        [
            .. Log.Read(scene.Servers, scene.Topics.State(StageRole.Detect))
                .Where(static record => record.Message.Value is not null && StateKey.Decode(record.Message.Key) is { Kind: StateKind.Order, Part: 0 })
                .Select(record => (record.Partition.Value, envelope.Unpack([(record.Message.Key, record.Message.Value)]))),
        ];
    }

    private LabelCounts Counted(int partition, Guid labelsId)
    {
        using var envelope = new StateEnvelope();
        var state = new TopicPartition(scene.Topics.State(StageRole.Detect), partition);
        var saved = new StateReading(scene.Kafka, scene.Kafka.Group, NullLogger.Instance, TimeProvider.System).Read([state], Read, static _ => { })[state];
        var journal = new JoinJournal(new MonitoredPartition("", 0, Guid.Empty), new LabelJoin(scene.Options.LabelHorizons, int.MaxValue));
        foreach (var piece in saved.Values(static key => key.Kind == StateKind.Join, envelope))
        {
            journal.Load(piece.Value);
        }

        journal.Begin(new LogOffsets(long.MaxValue / 2, long.MaxValue / 2), labelsId);
        return journal.Counted;
    }
}
