using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace Streaming.Host;

/// <summary>The options of the commands that ask a running instance over HTTP.</summary>
internal sealed class InstanceOptions(double defaultSeconds = InstanceOptions.DefaultSeconds)
{
    private const double DefaultSeconds = 3;
    private const double MostSeconds = 60;

    private readonly AttachOptions _attach = new();

    private readonly Option<string?> _url = new("--url")
    {
        Description = "Where the instance serves, http://HOST:PORT. Default: what listen says, on this machine.",
        HelpName = "URL",
    };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = $"Seconds to wait for the answer: 0.1 to {MostSeconds}. Default {defaultSeconds}.",
        HelpName = "S",
        DefaultValueFactory = _ => defaultSeconds,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_timeout);
        _attach.AddTo(command, "listen");
    }

    /// <summary>What is to be asked, and how.</summary>
    /// <exception cref="ValidationException">An option is wrong.</exception>
    public InstanceQuestion Read(ParseResult parsed, string path)
    {
        var target = new Uri(parsed.GetValue(_url) is { } given ? Parse(given) : Here(_attach.Read(parsed, Needs.Nothing).Options), path);
        return new(target, TimeSpan.FromSeconds(FileOptions.InRange("--timeout", parsed.GetValue(_timeout), 0.1, MostSeconds)), target.IsLoopback);
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

/// <summary>A question to a running instance.</summary>
/// <param name="Target">What is asked for.</param>
/// <param name="Patience">How long an answer is waited for.</param>
/// <param name="TakesAnyCertificate">Whether the certificate may be any: on loopback an instance asks itself.</param>
internal sealed record InstanceQuestion(Uri Target, TimeSpan Patience, bool TakesAnyCertificate)
{
    private const long LargestAnswer = 512L << 20;

    /// <summary>Token that may read; null: none is sent.</summary>
    public string? Token { get; init; }

    /// <summary>The answer.</summary>
    /// <exception cref="IOException">There is none, or it is no 200.</exception>
    public async Task<string> AskAsync(CancellationToken stop)
    {
        using var http = new HttpClientHandler { AllowAutoRedirect = false };
        if (TakesAnyCertificate)
        {
            http.ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator;
        }

        using var client = new HttpClient(http) { Timeout = Patience, MaxResponseContentBufferSize = LargestAnswer };
        if (Token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        try
        {
            using var answer = await client.GetAsync(Target, stop).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK ? text : throw new IOException($"{Target}: {(int)answer.StatusCode} {Words(answer.StatusCode, text)}".TrimEnd());
        }
        catch (HttpRequestException exception)
        {
            throw new IOException($"{Target}: {(exception.InnerException as AuthenticationException ?? (Exception)exception).Message}", exception);
        }
        catch (TaskCanceledException exception) when (!stop.IsCancellationRequested)
        {
            throw new IOException(FormattableString.Invariant($"{Target}: no answer within {Patience.TotalSeconds:0.###} s"), exception);
        }
    }

    private string Words(HttpStatusCode code, string text) => code != HttpStatusCode.Unauthorized ? text
        : Token is null ? "it wants a token that may read: --token-file" : "the token may not read";
}
