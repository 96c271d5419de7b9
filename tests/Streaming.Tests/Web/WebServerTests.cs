using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests.Web;

public sealed class WebServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Telemetry _telemetry = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _telemetry.Dispose();
    }

    [Fact]
    public async Task Metrics_are_served_as_prometheus_text()
    {
        await using var server = await Start();

        using var answer = await Send(server, HttpMethod.Get, "/metrics");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("\ndriftd_build_info{version=\"", text, StringComparison.Ordinal);
        Assert.Contains("\nprocess_start_time_seconds 1", text, StringComparison.Ordinal);
        Assert.Contains("\nprocess_resident_memory_bytes ", text, StringComparison.Ordinal);
        Assert.Contains("\nprocess_cpu_seconds_total ", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_heap_size_bytes ", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total{generation=\"2\"} ", text, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Headers, header => header.Key == "Server");
    }

    [Theory]
    [InlineData("/health/live", true, HttpStatusCode.OK, "ok")]
    [InlineData("/health/live", false, HttpStatusCode.ServiceUnavailable, "not live")]
    [InlineData("/health/ready", true, HttpStatusCode.OK, "ok")]
    [InlineData("/health/ready", false, HttpStatusCode.ServiceUnavailable, "not ready")]
    public async Task Health_is_one_word_and_a_status(string path, bool fine, HttpStatusCode status, string body)
    {
        await using var server = await WebServer.StartAsync(
            "127.0.0.1:0", _telemetry, live: () => fine == (path == "/health/live"), ready: () => fine == (path == "/health/ready"));

        using var answer = await Send(server, HttpMethod.Get, path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_head_request_gets_the_head_and_no_body()
    {
        await using var server = await Start();

        foreach (var path in (string[])["/metrics", "/health/live", "/health/ready"])
        {
            using var answer = await Send(server, HttpMethod.Head, path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    [InlineData("BREW")]
    public async Task Other_methods_are_refused_and_told_which_ones_serve(string method)
    {
        await using var server = await Start();

        using var answer = await Send(server, new HttpMethod(method), "/metrics");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/metrics/")]
    [InlineData("/Metrics")]
    [InlineData("/health")]
    [InlineData("/health/ready/x")]
    [InlineData("/health/..%2fmetrics")]
    public async Task Everything_else_is_not_there(string path)
    {
        await using var server = await Start();

        using var answer = await Send(server, HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_query_changes_nothing()
    {
        await using var server = await Start();

        using var answer = await Send(server, HttpMethod.Get, "/health/ready?verbose=1&name[]=x");

        Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Nothing_but_the_address_given_opens_a_port()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.1:0;http://127.0.0.1:0");
        try
        {
            await using var server = await Start();
            Assert.Equal(["http://127.0.0.1:" + server.Url.Port], server.Urls);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        }
    }

    [Fact]
    public async Task A_request_with_a_body_is_refused()
    {
        await using var server = await Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/metrics")) { Content = new StringContent("x") };

        using var answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_head_that_is_too_large_is_refused()
    {
        await using var server = await Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/metrics"));
        request.Headers.Add("X-Long", new string('x', 9_000));

        using var answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Scrapes_at_the_same_time_share_the_work()
    {
        using var entered = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        _telemetry.Meter.CreateObservableGauge("driftd.slow", () =>
        {
            entered.Release();
            go.Wait(Patience);
            return 1L;
        });
        await using var server = await Start();
        var first = Send(server, HttpMethod.Get, "/metrics");
        await entered.WaitAsync();
        var others = Enumerable.Range(0, 20).Select(_ => Send(server, HttpMethod.Get, "/metrics")).ToArray();
        await Eventually(() => server.Waiting == 20);
        go.Release(2);

        var texts = await Task.WhenAll((await Task.WhenAll([first, .. others])).Select(answer => answer.Content.ReadAsStringAsync()));

        Assert.All(texts, text => Assert.EndsWith("\n", text, StringComparison.Ordinal));
        Assert.Single(texts.Skip(1).Distinct());
        Assert.Equal(2, server.Scrapes);
    }

    [Fact]
    public async Task A_scrape_that_failed_is_logged_and_the_next_one_is_whole()
    {
        var broken = true;
        _telemetry.Meter.CreateObservableGauge("driftd.broken", () => broken ? throw new InvalidOperationException("no value") : 1L);
        var log = new Lines();
        await using var server = await WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => true, log);
        using var failed = await Send(server, HttpMethod.Get, "/metrics");
        broken = false;

        using var answer = await Send(server, HttpMethod.Get, "/metrics");

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal("", await failed.Content.ReadAsStringAsync());
        Assert.Equal(["web: /metrics failed"], log.Texts);
        Assert.Contains("\ndriftd_broken 1\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_never_ends_is_cut_off()
    {
        await using var server = await Start(new() { Head = TimeSpan.FromSeconds(1) });
        using var slow = await Connect(server);
        await slow.SendAsync(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nHost: x\r\nX-A: "));

        Assert.StartsWith("HTTP/1.1 408 ", await ReadToEnd(slow), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_without_a_request_is_closed()
    {
        await using var server = await Start(new() { KeepAlive = TimeSpan.FromSeconds(1) });
        using var idle = await Connect(server);

        Assert.Equal("", await ReadToEnd(idle));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_and_holds_up_nobody()
    {
        var name = new string('x', 180);
        _telemetry.Publish(StageRole.Detect, new WorkerSnapshot
        {
            Stage = new StageSnapshot { Models = [.. Enumerable.Range(0, 15_000).Select(i => new ModelCounts(name + i, "1", 1, 1, 1))] },
        });
        var log = new Lines();
        await using var server = await WebServer.StartAsync(
            "127.0.0.1:0", _telemetry, () => true, () => true, log, new() { Request = TimeSpan.FromSeconds(4) });
        using var slow = await Connect(server, receiveBuffer: 4_096);
        await slow.SendAsync(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
        await Eventually(() => server.Scrapes == 1);

        using var answer = await Send(server, HttpMethod.Get, "/metrics");
        var length = (await answer.Content.ReadAsByteArrayAsync()).Length;
        await Eventually(() => log.Texts.Count > 0);

        Assert.Equal(["web: /metrics was not taken within 4 s, connection closed"], log.Texts);
        Assert.InRange(length, 8_000_000, 20_000_000);
        Assert.InRange((await ReadToEnd(slow)).Length, 0, length - 1);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_at_once()
    {
        await using var server = await Start(new() { Connections = 2 });
        using var one = await Connect(server);
        using var two = await Connect(server);
        foreach (var socket in (Socket[])[one, two])
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"));
            Assert.NotEqual(0, await socket.ReceiveAsync(new byte[4_096]));
        }

        using var three = await Connect(server);

        Assert.Equal("", await ReadToEnd(three));
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_sentence()
    {
        await using var server = await Start();
        var listen = $"127.0.0.1:{server.Url.Port}";

        var error = await Assert.ThrowsAsync<IOException>(() => WebServer.StartAsync(listen, _telemetry, () => true, () => true));

        Assert.Equal($"listen = {listen}: the port is in use; stop the process that holds it, or choose another one", error.Message);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_said_in_one_sentence()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => WebServer.StartAsync("203.0.113.1:0", _telemetry, () => true, () => true));

        Assert.Equal("listen = 203.0.113.1:0: this machine has no such address", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("9464")]
    [InlineData(":9464")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("127.1:80")]
    [InlineData("1:80")]
    [InlineData("::1:9464")]
    [InlineData("[127.0.0.1]:9464")]
    [InlineData("[]:9464")]
    [InlineData("example.com:9464")]
    [InlineData("*:9464")]
    [InlineData("http://127.0.0.1:9464")]
    [InlineData("/tmp/socket")]
    public void A_wrong_address_is_named_with_the_form_it_should_have(string listen)
    {
        var error = Assert.Throws<ValidationException>(() => ListenAddress.Parse(listen));

        Assert.Equal(
            $"listen = {listen}: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, "
            + "the port 0 to 65535; for example 127.0.0.1:9464",
            error.Message);
    }

    [Theory]
    [InlineData("127.0.0.1:9464", "127.0.0.1:9464")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:9464", "[::1]:9464")]
    [InlineData("[::]:80", "[::]:80")]
    [InlineData("localhost:9464", "127.0.0.1:9464")]
    public void An_address_and_a_port_are_understood(string listen, string expected) =>
        Assert.Equal(expected, ListenAddress.Parse(listen).ToString());

    private static async Task<Socket> Connect(WebServer server, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port);
        return socket;
    }

    private static async Task<string> ReadToEnd(Socket socket)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var (text, buffer) = (new StringBuilder(), new byte[4_096]);
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) is var count and > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // closed all the same
        }

        return text.ToString();
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private Task<WebServer> Start(WebLimits? limits = null) =>
        WebServer.StartAsync("127.0.0.1:0", _telemetry, () => true, () => true, limits: limits);

    private Task<HttpResponseMessage> Send(WebServer server, HttpMethod method, string path) =>
        _client.SendAsync(new HttpRequestMessage(method, new Uri(server.Url.ToString().TrimEnd('/') + path)));

    private sealed class Lines : ILogger
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Add(formatter(state, exception));
    }
}
