using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>Pushes the instruments of the process to an OpenTelemetry collector.</summary>
/// <remarks>
/// Every interval all instruments are read, as a scrape does. A collector that is away costs a push and nothing else: values are cumulative, so
/// the next push says it all.
/// </remarks>
internal sealed class OtlpPush : IDisposable
{
    private static readonly TimeSpan LongestPush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastPush = TimeSpan.FromSeconds(2);

    private readonly MeterProvider _provider;

    private OtlpPush(MeterProvider provider) => _provider = provider;

    /// <summary>Begins to push; null where no endpoint is configured.</summary>
    public static OtlpPush? Start(DriftdOptions options, Telemetry telemetry, string version)
    {
        if (options.OtlpEndpoint is not { } endpoint)
        {
            return null;
        }

        var provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("driftd", serviceVersion: version, serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}"))
            .AddMeter(Telemetry.MeterName, ProcessMetrics.MeterName)

            // the SDK takes memory for all the series there may be, so only what grows with streams gets room for many
            // meters are found by name: those of other runs in the process are left alone
            .AddView(instrument => instrument.Meter.Name == Telemetry.MeterName && instrument.Meter != telemetry.Meter ? MetricStreamConfiguration.Drop
                : instrument.Name.StartsWith("driftd.stream", StringComparison.Ordinal)
                ? new MetricStreamConfiguration { CardinalityLimit = PrometheusText.DefaultMaxSeries } : null)
            .AddOtlpExporter((exporter, reader) =>
            {
                (exporter.Endpoint, exporter.Protocol) = (Address(endpoint)!, OtlpExportProtocol.HttpProtobuf);
                exporter.TimeoutMilliseconds = (int)LongestPush.TotalMilliseconds;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.OtlpInterval.TotalMilliseconds;
            })
            .Build();
        return new OtlpPush(provider);
    }

    /// <summary>The address that a configured endpoint means; null where it is none.</summary>
    public static Uri? Address(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Host.Length: > 0 }
            ? url.AbsolutePath == "/" ? new Uri(url, "/v1/metrics") : url
            : null;

    /// <summary>Pushes once more, so that the last counts arrive.</summary>
    public void Dispose()
    {
        _provider.Shutdown((int)LastPush.TotalMilliseconds);
        _provider.Dispose();
    }
}
