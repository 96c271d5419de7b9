using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>What a cluster that a test or benchmark starts is made of.</summary>
public sealed record LocalKafkaOptions
{
    /// <summary>Brokers, each a controller too: 1 or 3.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Ports that clients are told, one a broker, where proxies stand between; empty: the brokers' own.</summary>
    public IReadOnlyList<int> AdvertisedPorts { get; init; } = [];

    /// <summary>Broker settings beside or in place of ours.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Words before <c>java</c>, that run it elsewhere than here.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>Flags of the Java machine beside ours.</summary>
    public IReadOnlyList<string> Java { get; init; } = ["-XX:TieredStopAtLevel=1"];
}

/// <summary>A real Kafka of one or three nodes on this machine, started from the jars of <c>KAFKA_HOME</c>; its nodes can be killed, paused and started again.</summary>
public sealed class LocalKafka : IDisposable
{
    private const int MostAttempts = 3;
    private const int LinesKept = 60;
    private const int PortsPerNode = 4;

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private readonly LocalKafkaOptions _options;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "driftd-kafka-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly Process?[] _nodes;
    private readonly int[] _ports;
    private readonly ConcurrentQueue<string> _said = new();

    private LocalKafka(LocalKafkaOptions options)
    {
        (_options, _nodes) = (options, new Process?[options.Nodes]);

        // per node: clients, controller, between brokers, clients past a proxy
        _ports = FreePorts(options.Nodes * PortsPerNode);
    }

    /// <summary>Where clients begin: the proxies where there are any.</summary>
    public string BootstrapServers => string.Join(',', Enumerable.Range(0, _options.Nodes).Select(node => $"127.0.0.1:{AdvertisedPort(node)}"));

    /// <summary>The same past the proxies.</summary>
    public string DirectServers => string.Join(',', Enumerable.Range(0, _options.Nodes).Select(node => $"127.0.0.1:{DirectPort(node)}"));

    /// <summary>Where brokers reach each other, and clients too where <see cref="LocalKafkaOptions.Settings"/> let them.</summary>
    public string InnerServers => string.Join(',', Enumerable.Range(0, _options.Nodes).Select(node => $"127.0.0.1:{InnerPort(node)}"));

    /// <summary>Where a proxy goes on to.</summary>
    public int PortOf(int node) => _ports[node * PortsPerNode];

    /// <summary>How to enable what needs a broker; null where it can be started.</summary>
    public static string? Missing()
    {
        const string how = "needs a Kafka: set KAFKA_BOOTSTRAP_SERVERS, or KAFKA_HOME to a folder with libs/*.jar and have Java 17 on the PATH";
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        var hasJars = home is { Length: > 0 } && Directory.Exists(Path.Combine(home, "libs")) && Directory.GetFiles(Path.Combine(home, "libs"), "*.jar").Length > 0;
        var hasJava = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "java")));
        return hasJars && hasJava ? null : how;
    }

    /// <summary>Formats and starts the nodes; returns when they serve.</summary>
    public static async Task<LocalKafka> Start(LocalKafkaOptions? options = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var kafka = new LocalKafka(options ?? new());
            try
            {
                await kafka.Begin().ConfigureAwait(false);
                return kafka;
            }
            catch (InvalidOperationException) when (attempt < MostAttempts && kafka.PortsAreTaken())
            {
                // between finding free ports and listening on them another process was quicker
                kafka.Dispose();
            }
            catch
            {
                kafka.Dispose();
                throw;
            }
        }
    }

    /// <summary>Ends a node without warning.</summary>
    public void Kill(int node = 0)
    {
        _nodes[node]?.Kill(entireProcessTree: true);
        _nodes[node]?.WaitForExit();
        _nodes[node]?.Dispose();
        _nodes[node] = null;
    }

    /// <summary>The newest lines that the nodes have written.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>Whether a node has ended by itself.</summary>
    public bool HasEnded(int node = 0) => _nodes[node] is { HasExited: true };

    /// <summary>Ends a node without warning, and its disk is gone with it.</summary>
    public void Lose(int node)
    {
        Kill(node);
        Directory.Delete(Path.Combine(Folder(node), "data"), recursive: true);
    }

    /// <summary>Starts a node with an empty disk in place of one that was lost.</summary>
    public Task Replace(int node)
    {
        Format(node);
        return Restart(node);
    }

    /// <summary>Starts a node again and waits until all that run serve.</summary>
    public async Task Restart(int node = 0)
    {
        StartNode(node);
        await WaitUntilServing().ConfigureAwait(false);
    }

    /// <summary>Stops a node's clock: it keeps its connections and answers nothing.</summary>
    public void Pause(int node) => Signals.Send(_nodes[node]!.Id, "STOP");

    /// <summary>Lets it go on.</summary>
    public void Resume(int node) => Signals.Send(_nodes[node]!.Id, "CONT");

    public void Dispose()
    {
        for (var node = 0; node < _nodes.Length; node++)
        {
            Kill(node);
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Ports that nobody listens on.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static listener => listener.Start());
        var ports = listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(static listener => listener.Dispose());
        return ports;
    }

    private async Task Begin()
    {
        for (var node = 0; node < _options.Nodes; node++)
        {
            Directory.CreateDirectory(Folder(node));
            await File.WriteAllTextAsync(Properties(node), PropertiesOf(node)).ConfigureAwait(false);
            Format(node);
        }

        for (var node = 0; node < _options.Nodes; node++)
        {
            StartNode(node);
        }

        await WaitUntilServing().ConfigureAwait(false);
    }

    private bool PortsAreTaken() => _said.Any(static line => line.Contains("Address already in use", StringComparison.Ordinal));

    private int AdvertisedPort(int node) => _options.AdvertisedPorts.Count > 0 ? _options.AdvertisedPorts[node] : PortOf(node);

    private int ControllerPort(int node) => _ports[(node * PortsPerNode) + 1];

    private int InnerPort(int node) => _ports[(node * PortsPerNode) + 2];

    private int DirectPort(int node) => _ports[(node * PortsPerNode) + 3];

    private string Folder(int node) => Path.Combine(_folder, "node" + (node + 1));

    private string Properties(int node) => Path.Combine(Folder(node), "server.properties");

    private string PropertiesOf(int node)
    {
        var replicas = _options.Nodes;
        var settings = new Dictionary<string, string>
        {
            ["process.roles"] = "broker,controller",
            ["node.id"] = $"{node + 1}",
            ["controller.quorum.voters"] = string.Join(',', Enumerable.Range(0, replicas).Select(n => $"{n + 1}@127.0.0.1:{ControllerPort(n)}")),
            ["controller.listener.names"] = "CONTROLLER",
            ["listeners"] = $"CLIENTS://127.0.0.1:{PortOf(node)},CONTROLLER://127.0.0.1:{ControllerPort(node)},BROKERS://127.0.0.1:{InnerPort(node)},DIRECT://127.0.0.1:{DirectPort(node)}",
            ["advertised.listeners"] = $"CLIENTS://127.0.0.1:{AdvertisedPort(node)},BROKERS://127.0.0.1:{InnerPort(node)},DIRECT://127.0.0.1:{DirectPort(node)}",
            ["inter.broker.listener.name"] = "BROKERS",
            ["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,DIRECT:PLAINTEXT",
            ["log.dirs"] = Path.Combine(Folder(node), "data"),
            ["auto.create.topics.enable"] = "false",
            ["default.replication.factor"] = $"{replicas}",
            ["min.insync.replicas"] = replicas > 1 ? "2" : "1",
            ["offsets.topic.replication.factor"] = $"{replicas}",
            ["transaction.state.log.replication.factor"] = $"{replicas}",
            ["transaction.state.log.min.isr"] = replicas > 1 ? "2" : "1",
            ["share.coordinator.state.topic.replication.factor"] = $"{replicas}",
            ["share.coordinator.state.topic.min.isr"] = replicas > 1 ? "2" : "1",
            ["offsets.topic.num.partitions"] = "3",
            ["transaction.state.log.num.partitions"] = "3",
            ["group.initial.rebalance.delay.ms"] = "0",
            ["group.min.session.timeout.ms"] = "1000",
            ["group.consumer.min.session.timeout.ms"] = "3000",
            ["group.consumer.session.timeout.ms"] = "6000",
            ["group.consumer.min.heartbeat.interval.ms"] = "500",
            ["group.consumer.heartbeat.interval.ms"] = "1000",
            ["broker.session.timeout.ms"] = "3000",
            ["broker.heartbeat.interval.ms"] = "500",
            ["transaction.abort.timed.out.transaction.cleanup.interval.ms"] = "500",
            ["log.initial.task.delay.ms"] = "100",
            ["log.cleaner.backoff.ms"] = "200",
            ["log.cleaner.dedupe.buffer.size"] = "2097152",
            ["num.network.threads"] = "2",
            ["num.io.threads"] = "2",
            ["background.threads"] = "2",
        };
        foreach (var (key, value) in _options.Settings)
        {
            settings[key] = value.Replace("{node}", $"{node + 1}", StringComparison.Ordinal);
        }

        return string.Join('\n', settings.Select(static setting => $"{setting.Key}={setting.Value}")) + "\n";
    }

    private ProcessStartInfo Java(params string[] arguments)
    {
        string[] program = [.. _options.Launcher, "java"];
        var start = new ProcessStartInfo(program[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var libraries = Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME")!, "libs", "*");
        foreach (var argument in (string[])[.. program[1..], "-Xms256m", _options.Nodes > 1 ? "-Xmx320m" : "-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", .. _options.Java, "-cp", libraries, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private void Format(int node)
    {
        using var process = Process.Start(Java("kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", Properties(node)))!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"formatting node {node + 1} ended with {process.ExitCode}: {errors.Result}");
        }
    }

    private void StartNode(int node)
    {
        var process = Process.Start(Java("kafka.Kafka", Properties(node)))!;
        process.OutputDataReceived += (_, line) => Say(line.Data);
        process.ErrorDataReceived += (_, line) => Say(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _nodes[node] = process;
    }

    private void Say(string? line)
    {
        _said.Enqueue(line ?? "");
        while (_said.Count > LinesKept)
        {
            _said.TryDequeue(out _);
        }
    }

    private async Task WaitUntilServing()
    {
        var running = Enumerable.Range(0, _options.Nodes).Where(node => _nodes[node] is not null).ToList();
        var servers = string.Join(',', running.Select(node => $"127.0.0.1:{DirectPort(node)}"));
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler(static (_, _) => { }).Build();
        var watch = Stopwatch.StartNew();
        while (!Serving(admin, running))
        {
            if (watch.Elapsed > StartDeadline)
            {
                throw new TimeoutException($"Kafka did not serve within {StartDeadline.TotalSeconds:0} s");
            }

            await Task.Delay(50).ConfigureAwait(false);
        }
    }

    private bool Serving(IAdminClient admin, List<int> running)
    {
        foreach (var node in running)
        {
            if (_nodes[node]!.HasExited)
            {
                _nodes[node]!.WaitForExit();
                throw new InvalidOperationException($"node {node + 1} ended with {_nodes[node]!.ExitCode}:\n{string.Join('\n', _said)}");
            }
        }

        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(2)).Brokers.Count == running.Count;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
