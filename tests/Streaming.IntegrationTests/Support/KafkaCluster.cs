using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Streaming.IntegrationTests;

/// <summary>A real Kafka of one node, started from jars, or one that is already there.</summary>
public sealed class KafkaCluster : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "driftd-kafka-" + Guid.NewGuid().ToString("N")[..8]);
    private Process? _broker;

    /// <summary>How to enable the tests that need a broker; null where they are enabled.</summary>
    public static string? Missing { get; } = FindMissing();

    public string BootstrapServers { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } given)
        {
            BootstrapServers = given;
            return;
        }

        var (port, controller) = FreePorts();
        BootstrapServers = $"127.0.0.1:{port}";
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Properties, Settings(port, controller));
        Run("kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", Properties);
        StartBroker();
        await WaitUntilServing();
    }

    public Task DisposeAsync()
    {
        KillBroker();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <summary>Ends the broker without warning.</summary>
    public void KillBroker()
    {
        _broker?.Kill(entireProcessTree: true);
        _broker?.WaitForExit();
        _broker?.Dispose();
        _broker = null;
    }

    /// <summary>Whether this cluster can be killed and started again.</summary>
    public bool IsOurs => Directory.Exists(_folder);

    public async Task RestartBroker()
    {
        StartBroker();
        await WaitUntilServing();
    }

    public async Task Create(string topic, int partitions, IReadOnlyDictionary<string, string>? configuration = null)
    {
        using var admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = configuration?.ToDictionary() ?? [],
        }]);
    }

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();

    private string Properties => Path.Combine(_folder, "server.properties");

    private static string Libraries => Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME")!, "libs", "*");

    private static string? FindMissing()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 })
        {
            return null;
        }

        const string how = "needs a Kafka: set KAFKA_BOOTSTRAP_SERVERS, or KAFKA_HOME to a folder with libs/*.jar and have Java 17 on the PATH";
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        var hasJars = home is { Length: > 0 } && Directory.Exists(Path.Combine(home, "libs")) && Directory.GetFiles(Path.Combine(home, "libs"), "*.jar").Length > 0;
        var hasJava = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "java")));
        return hasJars && hasJava ? null : how;
    }

    private static (int Broker, int Controller) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private string Settings(int port, int controller) => $"""
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:{controller}
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port}
        inter.broker.listener.name=PLAINTEXT
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
        log.dirs={Path.Combine(_folder, "data")}
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        offsets.topic.num.partitions=3
        transaction.state.log.num.partitions=3
        group.initial.rebalance.delay.ms=0
        group.min.session.timeout.ms=1000
        group.consumer.min.session.timeout.ms=3000
        group.consumer.session.timeout.ms=6000
        group.consumer.min.heartbeat.interval.ms=500
        group.consumer.heartbeat.interval.ms=1000
        transaction.abort.timed.out.transaction.cleanup.interval.ms=500
        log.initial.task.delay.ms=100
        log.cleaner.dedupe.buffer.size=2097152
        num.network.threads=2
        num.io.threads=2
        background.threads=2

        """;

    private static ProcessStartInfo Java(params string[] arguments)
    {
        var start = new ProcessStartInfo("java") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", Libraries, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static void Run(params string[] arguments)
    {
        using var process = Process.Start(Java(arguments))!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{arguments[0]} ended with {process.ExitCode}: {errors.Result}");
        }
    }

    private void StartBroker()
    {
        _broker = Process.Start(Java("kafka.Kafka", Properties))!;
        _broker.OutputDataReceived += static (_, _) => { };
        _broker.ErrorDataReceived += static (_, _) => { };
        _broker.BeginOutputReadLine();
        _broker.BeginErrorReadLine();
    }

    private async Task WaitUntilServing()
    {
        using var admin = Admin();
        await Until.True(
            () =>
            {
                if (_broker!.HasExited)
                {
                    throw new InvalidOperationException($"the broker ended with {_broker.ExitCode}");
                }

                try
                {
                    return admin.GetMetadata(TimeSpan.FromSeconds(2)).Brokers.Count == 1;
                }
                catch (KafkaException)
                {
                    return false;
                }
            },
            "the broker serves",
            StartDeadline);
    }
}

[CollectionDefinition("kafka")]
public sealed class KafkaTests : ICollectionFixture<KafkaCluster>
{
}
