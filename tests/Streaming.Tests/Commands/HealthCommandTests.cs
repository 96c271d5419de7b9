using System.Net;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests;

public class HealthCommandTests
{
    [Fact]
    public async Task An_instance_that_is_ready_gives_0_and_one_that_is_not_gives_1()
    {
        using var telemetry = new Telemetry();
        var isReady = true;
        await using var server = await WebServer.StartAsync("127.0.0.1:0", telemetry, static () => true, () => isReady);
        string[] ask = ["health", "--url", server.Url.ToString()];

        Assert.Equal((0, "ok\n", ""), Told(await Driftd.RunAsync(ask)));
        isReady = false;
        Assert.Equal((1, "", $"error: {server.Url}health/ready: 503 not ready\n"), Told(await Driftd.RunAsync(ask)));
        Assert.Equal((0, "ok\n", ""), Told(await Driftd.RunAsync([.. ask, "--live"])));
    }

    [Theory]
    [InlineData("0.0.0.0:1", "http://127.0.0.1:1/health/ready: ")]
    [InlineData("[::]:1", "http://[::1]:1/health/ready: ")]
    [InlineData("127.0.0.1:1", "http://127.0.0.1:1/health/ready: ")]
    public async Task Without_a_url_it_asks_where_the_configuration_says_that_it_listens(string listen, string asked)
    {
        var run = await Driftd.RunAsync("health", "--listen", listen);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: " + asked, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_that_does_not_answer_is_not_waited_for_longer_than_told()
    {
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var run = await Driftd.RunAsync("health", "--url", $"http://{silent.LocalEndpoint}", "--timeout", "0.2");

        Assert.Equal((1, "", $"error: http://{silent.LocalEndpoint}/health/ready: no answer within 0.2 s\n"), Told(run));
    }

    [Theory]
    [InlineData("--url foo: expected http://HOST:PORT or https://HOST:PORT", "--url", "foo")]
    [InlineData("--timeout 0: expected 0.1 to 60", "--timeout", "0")]
    [InlineData("listen = 127.0.0.1:0: the port is chosen at start; say --url", "--listen", "127.0.0.1:0")]
    public async Task Wrong_usage_is_named_and_gives_2(string message, params string[] options) =>
        Assert.Equal((2, "", $"error: {message}\n"), Told(await Driftd.RunAsync(["health", .. options])));

    private static (int, string, string) Told(Driftd run) => (run.ExitCode, run.Output, run.Error);
}
