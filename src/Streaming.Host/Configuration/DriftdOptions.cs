using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>How log lines look.</summary>
internal enum LogFormat : byte
{
    /// <summary>For people: one line of text.</summary>
    Text,

    /// <summary>For machines: one JSON object a line.</summary>
    Json,
}

/// <summary>What a command cannot do without.</summary>
internal enum Needs : byte
{
    /// <summary>Nothing: it works without a broker.</summary>
    Nothing,

    /// <summary>Bootstrap servers.</summary>
    Brokers,

    /// <summary>Bootstrap servers, and a topic where the role detect runs.</summary>
    Run,
}

/// <summary>Everything that can be configured.</summary>
internal sealed record DriftdOptions
{
    /// <summary>How Kafka is reached, read and written.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>Events, streams, detectors and policies.</summary>
    public MonitoringOptions Monitoring { get; init; } = new();

    /// <summary>Where <c>/metrics</c> and <c>/health</c> are served.</summary>
    /// <value><c>host:port</c>; port 0 takes a free one. Default 127.0.0.1:9464.</value>
    public string Listen { get; init; } = "127.0.0.1:9464";

    /// <summary>Who may read what is served there.</summary>
    public WebAccess Http { get; init; } = new();

    /// <summary>Stages that run in this process.</summary>
    /// <value>detect, decide or both. Default both.</value>
    public IReadOnlyList<StageRole> Roles { get; init; } = [StageRole.Detect, StageRole.Decide];

    /// <summary>File with references built from training data.</summary>
    /// <value>Default none: references are learnt from the first events.</value>
    public string? Reference { get; init; }

    /// <summary>File with the secret by which ids and values are hashed.</summary>
    /// <value>Default none.</value>
    public string? PrivacyKey { get; init; }

    /// <summary>How log lines look.</summary>
    /// <value>text or json. Default text.</value>
    public LogFormat LogFormat { get; init; }

    /// <summary>Where metrics are pushed over OTLP (HTTP, protobuf).</summary>
    /// <value>An http or https URL; without a path /v1/metrics is added. Default none: nothing is pushed.</value>
    public string? OtlpEndpoint { get; init; }

    /// <summary>Time between two pushes.</summary>
    /// <value>1 s to 10 min. Default 15 s.</value>
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What the stages are told: the options, with the references read from their file.</summary>
    /// <exception cref="FormatException">The file holds no references.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public MonitoringOptions ForStages() => Reference is { } file ? WithKey() with { Profile = ReferenceProfile.Load(file) } : WithKey();

    /// <summary>The options with the secret read from its file.</summary>
    /// <exception cref="FormatException">The file holds no secret.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public MonitoringOptions WithKey() => PrivacyKey is { } file
        ? Monitoring with { Sensitive = Monitoring.Sensitive with { Key = Streaming.Monitoring.PrivacyKey.Load(file) } } : Monitoring;
}
