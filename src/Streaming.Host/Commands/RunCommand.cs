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

    public static Command Create()
    {
        var attach = new AttachOptions();
        var run = new Command("run", """
            Attach to topics of prediction events, detect drift, publish signals and retrain triggers, serve /metrics and /health.

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
        using var telemetry = new Telemetry();
        using var workers = new Workers(options, telemetry, log);
        SayStart(log, options);
        workers.Start();
        await workers.EndedOr(stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested)
        {
            log.LogInformation("stopping");
        }

        await workers.Stop(StopDeadline).ConfigureAwait(false);
        return CommandLine.Fine;
    }

    private static void SayStart(ILogger log, DriftdOptions options)
    {
        var version = typeof(RunCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        log.LogInformation(
            "driftd {Version} starts: configuration {ConfigurationHash}, group {Group}, topics {Topics}, roles {Roles}, brokers {BootstrapServers}",
            version, ConfigurationHash.Of(options.Monitoring), options.Kafka.Group, string.Join(',', options.Kafka.Topics),
            string.Join(',', options.Roles).ToLowerInvariant(), options.Kafka.BootstrapServers);
        if (ConfigurationChecks.PlaintextBrokers(options.Kafka).ToList() is { Count: > 0 } plain)
        {
            log.LogWarning(
                "not encrypted on the network: {Brokers}; set kafka.security.protocol to ssl or sasl_ssl", string.Join(',', plain));
        }
    }
}
