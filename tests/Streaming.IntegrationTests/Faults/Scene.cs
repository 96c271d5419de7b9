using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>Topics, configuration and group of one scenario, alone on its cluster or beside others.</summary>
internal sealed class Scene : IDisposable
{
    /// <summary>After so long without a heartbeat the brokers of the tests take a member for dead.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);

    public static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(5);

    private readonly TemporaryFile _file;

    private Scene(KafkaCluster cluster, int partitions, MonitoringOptions options, IEnumerable<string> lines)
    {
        var id = "f" + Guid.NewGuid().ToString("N")[..8];
        (Cluster, Partitions, Options) = (cluster, partitions, options with { Group = id });
        Kafka = new KafkaOptions { BootstrapServers = cluster.BootstrapServers, Topics = [id + "-in"], Group = id, Prefix = id + "." };
        Topics = new Topics(Kafka.Prefix);
        string[] usual =
        [
            $"bootstrapServers: {Kafka.BootstrapServers}", $"topics: {Topic}", $"group: {id}", $"prefix: {Kafka.Prefix}", "listen: 127.0.0.1:0",
            "triggerMaxAge: off", "learnFor: 0", "idleFlush: 0", "commitInterval: 100ms", "transactionTimeout: 5s",
        ];
        var own = lines.Select(line => line.Replace("{topic}", Topic, StringComparison.Ordinal)).ToList();
        _file = new TemporaryFile(string.Join('\n', usual.Where(line => !own.Exists(other => KeyOf(other) == KeyOf(line))).Concat(own)) + "\n");
    }

    public KafkaCluster Cluster { get; }

    public int Partitions { get; }

    public MonitoringOptions Options { get; }

    /// <summary>How the test itself reaches the brokers, and the group.</summary>
    public KafkaOptions Kafka { get; }

    public Topics Topics { get; }

    public string Topic => Kafka.Topics[0];

    public string Servers => Kafka.BootstrapServers;

    public string Configuration => _file.Path;

    public string Signals => Topics.Name(OutputTopic.Signals, StageRole.Decide);

    public string Triggers => Topics.Name(OutputTopic.Triggers, StageRole.Decide);

    public string DeadLetters => Topics.Name(OutputTopic.DeadLetters, StageRole.Detect);

    /// <summary>What the options and the configuration file of a scenario both say, unless it adds to both.</summary>
    public static MonitoringOptions Usual { get; } = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };

    /// <summary>Makes the topics.</summary>
    public static async Task<Scene> Create(
        KafkaCluster cluster, int partitions, MonitoringOptions? options = null, IEnumerable<string>? lines = null,
        IReadOnlyDictionary<string, string>? input = null)
    {
        var scene = new Scene(cluster, partitions, options ?? Usual, lines ?? []);
        await cluster.Create(scene.Topic, partitions, input);
        using var admin = cluster.Admin();
        await scene.Topics.CreateAsync(admin, [scene.Topic]);
        return scene;
    }

    /// <summary>Group of a stage.</summary>
    public string Group(StageRole role) => role == StageRole.Detect ? Kafka.Group : Kafka.Group + ".decide";

    /// <summary>Topic that a stage reads.</summary>
    public string Input(StageRole role) => role == StageRole.Detect ? Topic : Topics.Panes;

    public void Dispose() => _file.Dispose();

    private static string KeyOf(string line) => line[..line.IndexOf(':', StringComparison.Ordinal)];
}
