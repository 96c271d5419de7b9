using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Streaming.IntegrationTests;

/// <summary>A test that needs a real Kafka and a real Prometheus; skipped, with the way to enable it, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrometheusFactAttribute : FactAttribute
{
    public PrometheusFactAttribute() => Skip = KafkaCluster.Missing ?? Prometheus.Missing;
}

/// <summary>A real Prometheus that scrapes one address each second.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "driftd-prometheus-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly HttpClient _client;
    private readonly Process _process;
    private readonly Task<string> _errors;

    public Prometheus(Uri target, params string[] rules)
    {
        var port = FreePort();
        Directory.CreateDirectory(_folder);
        var configuration = Path.Combine(_folder, "prometheus.yml");
        File.WriteAllText(configuration, $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
              evaluation_interval: 1s
            rule_files: [{string.Join(", ", rules.Select(static rule => $"'{rule}'"))}]
            scrape_configs:
              - job_name: driftd
                static_configs:
                  - targets: ["{target.Host}:{target.Port}"]

            """);
        _process = Process.Start(new ProcessStartInfo(
            "prometheus",
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}",
                $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
            ])
        {
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>How to enable the tests that need it; null where they are enabled.</summary>
    public static string? Missing { get; } = OnPath("prometheus") && OnPath("promtool")
        ? null : "needs prometheus and promtool on the PATH: install the Debian package prometheus";

    /// <summary>What <c>promtool check metrics</c> says of a text.</summary>
    public static Task<(int ExitCode, string Output)> Check(string text) => Promtool(text, "check", "metrics");

    /// <summary>Runs promtool with a text as its input.</summary>
    public static async Task<(int ExitCode, string Output)> Promtool(string input, params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await promtool.StandardInput.WriteAsync(input);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, await output + await errors);
    }

    /// <summary>The one value of an instant query; null while it has none.</summary>
    public async Task<double?> Query(string expression)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"prometheus ended with {_process.ExitCode}: {await _errors}");
        }

        try
        {
            using var answer = await _client.GetAsync(new Uri("/api/v1/query?query=" + Uri.EscapeDataString(expression), UriKind.Relative));
            if (!answer.IsSuccessStatusCode)
            {
                return null;
            }

            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var result = json.RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 0
                ? null : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            // it is not up yet
            return null;
        }
    }

    /// <summary>How many series an instant query has; or why it is refused.</summary>
    public async Task<(int Series, string? Refused)> Answer(string expression)
    {
        using var answer = await _client.PostAsync(new Uri("/api/v1/query", UriKind.Relative), new FormUrlEncodedContent([new("query", expression)]));
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return answer.IsSuccessStatusCode
            ? (json.RootElement.GetProperty("data").GetProperty("result").GetArrayLength(), null)
            : (0, json.RootElement.GetProperty("error").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
