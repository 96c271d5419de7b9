using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>The Kafka that the tests of a collection share: one node started from jars, or one that is already there.</summary>
public sealed class KafkaCluster : IAsyncLifetime
{
    private LocalKafka? _ours;

    /// <summary>How to enable the tests that need a broker; null where they are enabled.</summary>
    public static string? Missing { get; } = Given is not null ? null : LocalKafka.Missing();

    public string BootstrapServers { get; private set; } = "";

    /// <summary>Whether this cluster can be killed and started again.</summary>
    public bool IsOurs => _ours is not null;

    private static string? Given => Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } given ? given : null;

    /// <summary>A cluster that a test has started, reached past its proxies.</summary>
    internal static KafkaCluster Of(LocalKafka kafka) => new() { _ours = kafka, BootstrapServers = kafka.DirectServers };

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        _ours = Given is null ? await LocalKafka.Start() : null;
        BootstrapServers = Given ?? _ours!.BootstrapServers;
    }

    public Task DisposeAsync()
    {
        _ours?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Ends the broker without warning.</summary>
    public void KillBroker() => _ours!.Kill();

    public Task RestartBroker() => _ours!.Restart();

    public async Task Create(string topic, int partitions, IReadOnlyDictionary<string, string>? configuration = null)
    {
        using var admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = topic, NumPartitions = partitions, ReplicationFactor = -1, Configs = configuration?.ToDictionary() ?? [],
        }]);
    }

    /// <summary>Incarnation of a topic.</summary>
    public async Task<Guid> TopicId(string topic)
    {
        using var admin = Admin();
        var id = (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions[0].TopicId;
        return Topics.IdOf(id);
    }

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();
}

[CollectionDefinition("kafka")]
public sealed class KafkaTests : ICollectionFixture<KafkaCluster>
{
}

/// <summary>Fault scenarios on a broker that stays up, beside the other tests: most of their time they wait.</summary>
[CollectionDefinition("faults")]
public sealed class FaultTests : ICollectionFixture<KafkaCluster>
{
}

/// <summary>Tests with clusters of their own, one after the other.</summary>
[CollectionDefinition("network", DisableParallelization = true)]
public sealed class NetworkTogether
{
}
