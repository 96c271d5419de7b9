using System.CommandLine;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd run</c>: attach to Kafka until told to stop.</summary>
internal static class RunCommand
{
    // half a second less than an operator is promised: the process ends too
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(4.5);

    private static string Version { get; } =
        typeof(RunCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Create()
    {
        var attach = new AttachOptions();
        var run = new Command("run", """
            Attaches to topics of prediction events, detects drift, publishes signals and retrain triggers, serves /metrics and /health.

            Examples:
              driftd topics create --topic predictions --bootstrap-servers 127.0.0.1:9092
              driftd run --topic predictions --bootstrap-servers 127.0.0.1:9092

            Everything else has a default; 'driftd config show' prints all keys. Ctrl+C or SIGTERM stops it.
            """);
        attach.AddTo(run);
        run.SetAction((parsed, stop) => RunAsync(attach.Read(parsed, Needs.Run).Options, stop));
        return run;
    }

    private static async Task<int> RunAsync(DriftdOptions options, CancellationToken stop)
    {
        using var logs = Logs.Create(options.LogFormat);
        var log = logs.CreateLogger("driftd");

        // thirteen families grow with the streams, at half the bytes a line that the bound assumes; pushed series are held a second time, in another form
        var series = PrometheusText.DefaultMaxSeries * (options.OtlpEndpoint is null ? 6 : 8);
        using var telemetry = new Telemetry { Bound = MemoryBound.Of(options.Kafka, options.Roles.Count, series) };
        using var workers = new Workers(options, telemetry, log);
        var web = await WebServer.StartAsync(options.Listen, telemetry, () => workers.Live, () => workers.Ready, log, access: options.Http).ConfigureAwait(false);
        using var push = OtlpPush.Start(options, telemetry, Version);
        SayStart(log, options, web.Url, telemetry.Bound);
        workers.Start();
        await workers.EndedOr(stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested)
        {
            log.LogInformation(LogEvents.Stopping, "stopping");
        }

        await Task.WhenAll(workers.Stop(StopDeadline), web.DisposeAsync().AsTask()).ConfigureAwait(false);
        return CommandLine.Fine;
    }

    private static void SayStart(ILogger log, DriftdOptions options, Uri url, MemoryBound bound)
    {
        log.LogInformation(
            LogEvents.Starts, "driftd {Version} starts: configuration {ConfigurationHash}, group {Group}, topics {Topics}, roles {Roles}, "
            + "brokers {BootstrapServers}, metrics {Metrics}",
            Version, ConfigurationHash.Of(options.Monitoring), options.Kafka.Group, string.Join(',', options.Kafka.Topics),
            string.Join(',', options.Roles).ToLowerInvariant(), options.Kafka.BootstrapServers,
            new Uri(url, "metrics"));
        log.LogInformation(
            LogEvents.Memory, "memory: at most {Fixed} MiB and what the stages remember: per feature of a model version {Detect} KiB for each partition (text {DetectText}) and "
            + "{Decide} KiB in all (text {DecideText}); runtime {Runtime}, queues {Queues}, fetched {Fetched}, producing {Producing}, outputs {Outputs}, metrics "
            + "text {Text}, garbage {Garbage} MiB",
            bound.Fixed >> 20, MemoryBound.DetectStreamBytes >> 10, MemoryBound.DetectTextBytes >> 10, MemoryBound.DecideStreamBytes >> 10,
            MemoryBound.DecideTextBytes >> 10, MemoryBound.RuntimeBytes >> 20, bound.Queues >> 20, bound.Fetched >> 20, bound.Producing >> 20,
            bound.Outputs >> 20, bound.Text >> 20, bound.Garbage >> 20);
        if (ConfigurationChecks.PlaintextBrokers(options.Kafka).ToList() is { Count: > 0 } plain)
        {
            log.LogWarning(
                LogEvents.NotEncrypted, "not encrypted on the network: {Brokers}; set kafka.security.protocol to ssl or sasl_ssl", string.Join(',', plain));
        }
    }
}
