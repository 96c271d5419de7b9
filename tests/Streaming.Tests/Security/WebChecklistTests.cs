using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests.Security;

/// <summary>Lines of the security checklist that a client of the web server sees, and what reaches a log.</summary>
public sealed class WebChecklistTests : IDisposable
{
    private const string Token = "b1946ac92492d2347c6235b4d2611184";

    private readonly Telemetry _telemetry = new();

    public void Dispose() => _telemetry.Dispose();

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/ready")]
    [InlineData("/nothing")]
    public async Task Checklist_08_every_answer_tells_browsers_to_keep_run_and_frame_nothing(string path)
    {
        await using var server = await WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => true);
        using var client = new HttpClient();

        using var answer = await client.GetAsync(new Uri(server.Url, path));

        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], answer.Headers.GetValues("Content-Security-Policy"));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer", HttpStatusCode.Unauthorized)]
    [InlineData("Basic " + Token, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer " + Token, HttpStatusCode.OK)]
    [InlineData("bearer " + Token, HttpStatusCode.OK)]
    public async Task Checklist_09_metrics_are_given_to_whoever_has_the_token(string? authorization, HttpStatusCode status)
    {
        await using var server = await WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => true, access: new() { ReadTokens = [new string('0', 64), Hash(Token)] });
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/metrics"));
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var answer = await client.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, (await answer.Content.ReadAsStringAsync()).Contains("driftd_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checklist_10_health_is_open_and_says_one_word()
    {
        await using var server = await WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => false, access: new() { ReadTokens = [Hash(Token)] });
        using var client = new HttpClient();

        Assert.Equal("ok", await client.GetStringAsync(new Uri(server.Url, "/health/live")));
        using var ready = await client.GetAsync(new Uri(server.Url, "/health/ready"));
        Assert.Equal("not ready", await ready.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Checklist_09_TLS_serves_a_renewed_certificate_without_a_restart()
    {
        var file = Path.GetTempFileName();
        try
        {
            Renew(file, "first", TimeProvider.System.GetUtcNow().AddMinutes(-1));
            await using var server = await WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => true, access: new() { Certificate = file });
            Assert.Equal(("https", "CN=first"), (server.Url.Scheme, await SubjectShown(server)));

            Renew(file, "second", TimeProvider.System.GetUtcNow());
            Assert.Equal("CN=second", await SubjectShown(server));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Checklist_09_a_certificate_that_cannot_be_used_is_named() => Assert.StartsWith(
        "http.certificate = /dev/null: cannot be used: ", Assert.Throws<ValidationException>(() => new WebAccess { Certificate = "/dev/null" }.Load()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a\nerror: b", "a\\u000aerror: b")]
    [InlineData("\u001b[31mred\u0007", "\\u001b[31mred\\u0007")]
    [InlineData("a\u009bm\u2028\u202eb", "a\\u009bm\\u2028\\u202eb")]
    [InlineData("préix – 模型", "préix – 模型")]
    public void Checklist_14_control_characters_of_names_are_written_out(string name, string expected) => Assert.Equal(expected, Printable.Text(name));

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public void Checklist_14_an_entry_is_one_line_whatever_stands_in_it(string format)
    {
        var (before, written) = (Console.Error, new StringWriter());
        Console.SetError(written);
        try
        {
            using var logs = Logs.Create(format == "json" ? LogFormat.Json : LogFormat.Text);
            logs.CreateLogger("driftd").LogError(new InvalidOperationException("x\r\nforged"), "model {Model}", "m\r\n2026-01-01T00:00:00.000Z info: forged \u001b[2J");
        }
        finally
        {
            Console.SetError(before);
        }

        var line = Assert.Single(written.ToString().TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain(line, char.IsControl);
        Assert.Contains("forged", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checklist_19_there_is_no_endpoint_that_changes_or_debugs_anything()
    {
        await using var server = await WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => true);
        using var client = new HttpClient();
        foreach (var path in (string[])["/admin", "/debug", "/debug/pprof", "/config", "/shutdown", "/-/reload", "/api", "/status", "/dump"])
        {
            using var answer = await client.PostAsync(new Uri(server.Url, path), null);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static void Renew(string file, string name, DateTimeOffset at)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(at.AddDays(-1), at.AddDays(1));
        File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        File.SetLastWriteTimeUtc(file, at.UtcDateTime);
    }

    private static async Task<string?> SubjectShown(WebServer server)
    {
        string? subject = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (subject = certificate?.Subject) is not null,
        };
        using var client = new HttpClient(handler);
        await client.GetStringAsync(new Uri(server.Url, "/health/live"));
        return subject;
    }
}
