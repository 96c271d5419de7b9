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
            url, live, timeout,
        };
        attach.AddTo(command, "listen");
        command.SetAction(async (parsed, stop) =>
        {
            var path = parsed.GetValue(live) ? "/health/live" : "/health/ready";
            var target = new Uri(parsed.GetValue(url) is { } given ? Parse(given) : Here(attach.Read(parsed, Needs.Nothing).Options.Listen), path);
            var patience = TimeSpan.FromSeconds(FileOptions.InRange("--timeout", parsed.GetValue(timeout), 0.1, MostSeconds));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(await AskAsync(target, patience, stop).ConfigureAwait(false)).ConfigureAwait(false);
            return CommandLine.Fine;
        });
        return command;
    }

    private static async Task<string> AskAsync(Uri target, TimeSpan patience, CancellationToken stop)
    {
        using var client = new HttpClient { Timeout = patience };
        try
        {
            using var answer = await client.GetAsync(target, stop).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK ? text : throw new IOException($"{target}: {(int)answer.StatusCode} {text}".TrimEnd());
        }
        catch (HttpRequestException exception)
        {
            throw new IOException($"{target}: {exception.Message}", exception);
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
    private static Uri Here(string listen)
    {
        var endpoint = ListenAddress.Parse(listen);
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

        return new Uri($"http://{endpoint}");
    }
}
