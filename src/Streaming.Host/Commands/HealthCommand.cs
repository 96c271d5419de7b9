using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Streaming.Host;

/// <summary><c>driftd health</c>: asks a running instance, so that a container needs no other program for its health check.</summary>
internal static class HealthCommand
{
    private const double DefaultSeconds = 3;
    private const double MostSeconds = 60;

    public static Command Create()
    {
        var attach = new AttachOptions();
        var url = new Option<string?>("--url") { Description = "Where the instance serves, http://HOST:PORT. Default: what listen says, on this machine.", HelpName = "URL" };
        var live = new Option<bool>("--live") { Description = "Ask whether the loops turn (restart it where not) in place of whether it is ready." };
        var anyCertificate = new Option<bool>("--any-certificate")
        {
            Description = "Take any certificate: nothing secret is sent, only the answer is read. Always so on loopback, where an instance asks itself.",
        };
        var timeout = new Option<double>("--timeout")
        {
            Description = $"Seconds to wait for the answer: 0.1 to {MostSeconds}. Default {DefaultSeconds}.",
            HelpName = "S",
            DefaultValueFactory = static _ => DefaultSeconds,
        };
        var command = new Command("health", FileOptions.WithExamples(
            "Asks a running instance whether it is ready: member of its groups, state restored, commits work. Exit code 0 where it is, else 1.",
            "driftd health",
            "driftd health --live --url http://127.0.0.1:9464"))
        {
            url, live, timeout, anyCertificate,
        };
        attach.AddTo(command, "listen");
        command.SetAction(async (parsed, stop) =>
        {
            var path = parsed.GetValue(live) ? "/health/live" : "/health/ready";
            var target = new Uri(parsed.GetValue(url) is { } given ? Parse(given) : Here(attach.Read(parsed, Needs.Nothing).Options), path);
            var patience = TimeSpan.FromSeconds(FileOptions.InRange("--timeout", parsed.GetValue(timeout), 0.1, MostSeconds));
            var answer = await AskAsync(target, patience, target.IsLoopback || parsed.GetValue(anyCertificate), stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(answer).ConfigureAwait(false);
            return CommandLine.Fine;
        });
        return command;
    }

    private static async Task<string> AskAsync(Uri target, TimeSpan patience, bool takesAnyCertificate, CancellationToken stop)
    {
        using var http = new HttpClientHandler { AllowAutoRedirect = false };
        if (takesAnyCertificate)
        {
            http.ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator;
        }

        using var client = new HttpClient(http) { Timeout = patience };
        try
        {
            using var answer = await client.GetAsync(target, stop).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK ? text : throw new IOException($"{target}: {(int)answer.StatusCode} {text}".TrimEnd());
        }
        catch (HttpRequestException exception)
        {
            throw new IOException($"{target}: {(exception.InnerException as System.Security.Authentication.AuthenticationException ?? (Exception)exception).Message}", exception);
        }
        catch (TaskCanceledException exception) when (!stop.IsCancellationRequested)
        {
            throw new IOException(FormattableString.Invariant($"{target}: no answer within {patience.TotalSeconds:0.###} s"), exception);
        }
    }

    private static Uri Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var target) && target.Scheme is "http" or "https"
            ? target
            : throw new ValidationException($"--url {url}: expected http://HOST:PORT or https://HOST:PORT");

    /// <summary>An instance that listens on every address is reached on loopback.</summary>
    private static Uri Here(DriftdOptions options)
    {
        var (listen, endpoint) = (options.Listen, ListenAddress.Parse(options.Listen));
        if (endpoint.Port == 0)
        {
            throw new ValidationException($"listen = {listen}: the port is chosen at start; say --url");
        }

        if (endpoint.Address.Equals(IPAddress.Any))
        {
            endpoint.Address = IPAddress.Loopback;
        }
        else if (endpoint.Address.Equals(IPAddress.IPv6Any))
        {
            endpoint.Address = IPAddress.IPv6Loopback;
        }

        return new Uri($"{(options.Http.Certificate is null ? "http" : "https")}://{endpoint}");
    }
}
