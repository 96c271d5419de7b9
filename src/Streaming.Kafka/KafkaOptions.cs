using System.ComponentModel.DataAnnotations;

namespace Streaming.Kafka;

/// <summary>What happens where the committed offset no longer lies in the log.</summary>
public enum MissingOffsets : byte
{
    /// <summary>The process ends and says so.</summary>
    Stop,

    /// <summary>It goes on at the oldest record.</summary>
    Earliest,

    /// <summary>It goes on at the end.</summary>
    Latest,
}

/// <summary>How the process reaches Kafka and how it reads and writes there.</summary>
public sealed record KafkaOptions
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    /// <summary>Brokers to begin with, <c>host:port</c> separated by commas.</summary>
    /// <value>Needed; no default.</value>
    [Required]
    public string BootstrapServers { get; init; } = "";

    /// <summary>Topics with prediction events.</summary>
    /// <value>At least one for the role detect.</value>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>The labels topic of a predictions topic: the same keys, partitioner and number of partitions.</summary>
    /// <value>Default none.</value>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoLabels;

    /// <summary>All topics that DETECT reads.</summary>
    public IReadOnlyList<string> Inputs => [.. Topics, .. Topics.Where(Labels.ContainsKey).Select(topic => Labels[topic])];

    /// <summary>Consumer group of DETECT; DECIDE's is the same with <c>.decide</c> behind it.</summary>
    /// <value>1 to 200 characters. Default <c>driftd</c>.</value>
    [StringLength(200, MinimumLength = 1)]
    public string Group { get; init; } = "driftd";

    /// <summary>Begins the names of all topics that driftd writes.</summary>
    /// <value>Default <c>drift.</c></value>
    public string Prefix { get; init; } = "drift.";

    /// <summary>Which instance this is: part of the transactional id, so that a restart fences what it left behind.</summary>
    /// <value>Default: the ordinal of the host name under Kubernetes, else random.</value>
    public string? Slot { get; init; }

    /// <summary>Time between commits.</summary>
    /// <value>10 ms to 10 s. Default 250 ms.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time after which the broker aborts a transaction that its owner left open.</summary>
    /// <value>5 s to 15 min. Default 20 s.</value>
    [Range(typeof(TimeSpan), "00:00:05", "00:15:00")]
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where to begin where the group has no committed offset: <c>earliest</c>, <c>latest</c> or a time (RFC 3339).</summary>
    /// <value>Default earliest.</value>
    public string StartFrom { get; init; } = "earliest";

    /// <summary>What happens where the committed offset no longer lies in the log.</summary>
    /// <value>stop, earliest, latest. Default stop.</value>
    public MissingOffsets OnMissingOffsets { get; init; }

    /// <summary>Records that wait between fetch and processing, over all partitions.</summary>
    /// <value>1,000 to 10,000,000. Default 65,536.</value>
    [Range(1_000, 10_000_000)]
    public int MaxQueuedRecords { get; init; } = 65_536;

    /// <summary>Bytes of those records.</summary>
    /// <value>1 MiB to 2 GiB. Default 32 MiB, for each stage.</value>
    [Range(1L << 20, 2L << 30)]
    public long MaxQueuedBytes { get; init; } = 32L << 20;

    /// <summary>Wall-clock time without an event after which open panes are closed.</summary>
    /// <value>0 (off) to 1 h. Default 5 s.</value>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan IdleFlush { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The brokers are an <see cref="EmbeddedBroker"/>: they have no controller that could tell which incarnation of a topic this is.</summary>
    /// <value>Default false.</value>
    public bool IsEmbedded { get; init; }

    /// <summary>Properties passed to librdkafka as they are; only those of <see cref="KafkaProperties.Allowed"/>.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}
