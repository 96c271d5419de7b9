using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Streaming.IntegrationTests;

/// <summary>What an operator sees of a command that cannot do what it is asked.</summary>
public class CommandTests
{
    private static readonly string[] Nowhere = ["--topic", "t", "--bootstrap-servers", "127.0.0.1:1"];

    [Fact]
    public async Task A_wrong_configuration_ends_the_process_at_once_with_what_is_wrong()
    {
        var watch = Stopwatch.StartNew();
        await using var driftd = new DriftdProcess(["run", .. Nowhere, "--roles", "watch", "--listen", "everywhere"]);

        Assert.Equal(2, await driftd.Ended());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"it took {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(
            [
                "error: option --roles: roles = watch: must be detect, decide or detect,decide; default detect,decide",
                "error: option --listen: listen = everywhere: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, "
                    + "the port 0 to 65535; default 127.0.0.1:9464",
            ],
            driftd.Errors);
    }

    [Fact]
    public async Task An_unknown_option_ends_with_the_way_to_the_help()
    {
        await using var driftd = new DriftdProcess("topics", "create", "--topics", "t");

        Assert.Equal(2, await driftd.Ended());
        Assert.Equal("see: driftd topics create --help", driftd.Errors[^1]);
    }

    [Theory]
    [InlineData("session.timeout.ms", "abc", "Invalid value for configuration property \"session.timeout.ms\"")]
    [InlineData("socket.timeout.ms", "1", "Configuration property \"socket.timeout.ms\" value 1 is outside allowed range 10..300000")]
    public async Task A_client_property_that_librdkafka_refuses_is_named_with_its_line(string property, string value, string reason)
    {
        using var file = new TemporaryFile($"kafka:\n  sasl.password: canary\n  {property}: {value}\n");
        await using var driftd = new DriftdProcess(["config", "check", "--config", file.Path, .. Nowhere]);

        Assert.Equal(2, await driftd.Ended());
        Assert.Equal([$"error: {Path.GetFileName(file.Path)}:3: kafka.{property} = {value}: {reason}"], driftd.Errors);
    }

    [Fact]
    public async Task A_reference_that_is_none_is_refused_with_its_file()
    {
        using var profile = new TemporaryFile("amount,country\n");
        using var file = new TemporaryFile($"reference: {profile.Path}\n");
        await using var driftd = new DriftdProcess(["run", "--config", file.Path, .. Nowhere]);

        Assert.Equal(2, await driftd.Ended());
        Assert.StartsWith(
            $"error: {Path.GetFileName(file.Path)}:1: reference = {profile.Path}: is no JSON", Assert.Single(driftd.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_right_is_said_to_be_fine()
    {
        await using var driftd = new DriftdProcess(["config", "check", .. Nowhere]);

        Assert.Equal(0, await driftd.Ended());
        Assert.Equal(["fine: roles detect,decide, group driftd, topics t"], driftd.Output);
    }

    [Fact]
    public async Task The_configuration_shown_holds_no_secret()
    {
        using var file = new TemporaryFile("kafka:\n  sasl.password: canary\n  ssl.key.pem: canary\n");
        await using var driftd = new DriftdProcess("config", "show", "--config", file.Path);

        Assert.Equal(0, await driftd.Ended());
        Assert.Contains($"  sasl.password: '***'                       # {Path.GetFileName(file.Path)}:2", driftd.Output);
        Assert.DoesNotContain(driftd.Output.Concat(driftd.Errors), static line => line.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var listen = taken.LocalEndpoint.ToString()!;
        await using var driftd = new DriftdProcess(["run", .. Nowhere, "--listen", listen]);

        Assert.Equal(1, await driftd.Ended());
        Assert.Equal([$"error: listen = {listen}: the port is in use; stop the process that holds it, or choose another one"], driftd.Errors);
    }

    [Fact]
    public async Task Without_a_broker_it_waits_says_so_once_and_stops_when_asked()
    {
        await using var driftd = new DriftdProcess(["run", .. Nowhere, "--roles", "detect", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        await driftd.Until(() => driftd.Errors.Count == 3, "it says that Kafka is away");
        Assert.False(driftd.Ready());

        var (code, took) = await driftd.Stop();

        Assert.Equal(0, code);
        Assert.True(took < TimeSpan.FromSeconds(5), $"it took {took.TotalSeconds:0.0} s");
        Assert.Contains("start failing, retrying", driftd.Errors[2], StringComparison.Ordinal);
        Assert.All(driftd.Errors, static line => System.Text.Json.JsonDocument.Parse(line).Dispose());
    }
}
