using System.Globalization;
using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>How much memory the process takes at most, from its configuration: term by term, each with its reason.</summary>
/// <remarks>
/// <para>However much lies in Kafka, what waits here is bounded: queues, the client's buffers, outputs of one commit. What the stages remember has no hard
/// bound: it grows with the streams that there are, up to limits.models × limits.features for each partition. So the bound is a fixed part and so many bytes for
/// each stream that is held now; the metric says the sum.</para>
/// <para>Assumed, not enforced: a fetched batch is not compressed by more than <see cref="Expansion"/>; records are not larger than the brokers' default limit
/// of 1 MiB; no more than two readers take the metrics text at a time;
/// the cluster has no more brokers than are named to begin with. Not counted: a restore, which holds the compressed state of all assigned partitions at once.</para>
/// </remarks>
public sealed record MemoryBound
{
    /// <summary>The runtime, its code, the client's library, threads, the web server: a process that idles.</summary>
    public const long RuntimeBytes = 120L << 20;

    /// <summary>One stream of a model version on one partition in DETECT: sample, reference, histogram (a test measures 21 KB).</summary>
    public const long DetectStreamBytes = 24L << 10;

    /// <summary>The same where it counts categories, 1,000 of them and the rest (measured: 135 KB).</summary>
    public const long DetectTextBytes = 160L << 10;

    /// <summary>One stream of a model version in DECIDE, with the references of 12 input partitions (measured: 30 KB).</summary>
    public const long DecideStreamBytes = 40L << 10;

    /// <summary>The same where it counts categories, 1,000 of each partition (measured: 861 KB).</summary>
    public const long DecideTextBytes = 1L << 20;

    /// <summary>Halves of what open predictions take that they may take for a moment: the index grows by doubling.</summary>
    public const int JoinGrowth = 3;

    /// <summary>Bytes in memory for one byte of a fetched batch, decompressed and as the client's own objects.</summary>
    public const int Expansion = 4;

    // a record in the client's queue beside its bytes
    private const long ClientRecordBytes = 400;
    private const long LargestRecord = 1 << 20;

    // a text of the most series there may be, in a buffer that has doubled, and as the answer that is being sent
    private const long SeriesBytes = 200;

    /// <summary>Records that wait between fetch and processing: limits.queuedBytes per stage, and one record more, since the bound is looked at before each.</summary>
    public long Queues { get; private init; }

    /// <summary>Fetched by the client: queued.max.messages.kbytes, queued.min.messages objects, and one answer of every broker beyond that, expanded; per stage.</summary>
    public long Fetched { get; private init; }

    /// <summary>Waiting for acknowledgement: queue.buffering.max.kbytes per stage.</summary>
    public long Producing { get; private init; }

    /// <summary>Outputs of one commit, whose commit is due at a fixed size, one batch more, and the state that is saved with it; per stage.</summary>
    public long Outputs { get; private init; }

    /// <summary>The metrics text while it is made, and while two readers take it.</summary>
    public long Text { get; private init; }

    /// <summary>What the collector has not taken back yet: as much again as the queues and outputs of .NET.</summary>
    public long Garbage => Queues + Outputs;

    /// <summary>All of it, without what the stages remember.</summary>
    public long Fixed => RuntimeBytes + Queues + Fetched + Producing + Outputs + Text + Garbage;

    /// <summary>The bound while the stages hold what these snapshots say.</summary>
    public long With(StageSnapshot detect, StageSnapshot decide) => Fixed + (detect.JoinBytes * JoinGrowth / 2)
        + ((detect.StreamsHeld - detect.TextStreamsHeld) * DetectStreamBytes) + (detect.TextStreamsHeld * DetectTextBytes)
        + ((decide.StreamsHeld - decide.TextStreamsHeld) * DecideStreamBytes) + (decide.TextStreamsHeld * DecideTextBytes);

    /// <summary>Adds the terms up.</summary>
    /// <param name="options">How Kafka is read and written.</param>
    /// <param name="stages">Stages that run in the process.</param>
    /// <param name="maxSeries">Series that the metrics text has at most.</param>
    /// <param name="brokers">Brokers of the cluster; 0: as many as are named to begin with.</param>
    public static MemoryBound Of(KafkaOptions options, int stages, int maxSeries, int brokers = 0)
    {
        var consumer = KafkaProperties.Consumer(options, options.Group);
        var producer = KafkaProperties.Producer(options, "bound");
        var connections = Math.Max(brokers, options.BootstrapServers.Split(',').Length);
        return new MemoryBound
        {
            Queues = stages * (options.MaxQueuedBytes + LargestRecord),
            Fetched = stages * (Kilobytes(consumer, "queued.max.messages.kbytes") + (Number(consumer, "queued.min.messages") * ClientRecordBytes)
                + (connections * Number(consumer, "fetch.max.bytes") * Expansion)),
            Producing = stages * Kilobytes(producer, "queue.buffering.max.kbytes"),
            Outputs = stages * (PendingOutputs.MostBytes + StateSaving.StopBytes + LargestRecord),
            Text = maxSeries * SeriesBytes * 4,
        };
    }

    private static long Kilobytes(ClientConfig config, string name) => Number(config, name) << 10;

    private static long Number(ClientConfig config, string name) => long.Parse(config.Get(name), CultureInfo.InvariantCulture);
}
