using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests.Web;

public class OtlpPushTests
{
    [Fact]
    public async Task A_collector_receives_the_instruments_and_once_more_at_the_end()
    {
        var received = new ConcurrentQueue<(string Path, string Type, string Body)>();
        await using var collector = await Receive(received);
        using var telemetry = new Telemetry();
        telemetry.Publish(StageRole.Detect, new WorkerSnapshot { Stage = new() { Models = [new("fraud", "7", 10, 9, 2)] } });
        using (OtlpPush.Start(new DriftdOptions { OtlpEndpoint = collector.Urls.First(), OtlpInterval = TimeSpan.FromMinutes(10) }, telemetry, "1.2.3"))
        {
            telemetry.RecordCommit(StageRole.Detect, TimeSpan.FromMilliseconds(20));
        }

        var (path, type, body) = Assert.Single(received);
        Assert.Equal(("/v1/metrics", "application/x-protobuf"), (path, type));
        Assert.All((string[])["driftd.events", "fraud", "driftd.commit", "service.name", "1.2.3"], text => Assert.Contains(text, body, StringComparison.Ordinal));

        // the advised boundaries of the histogram, not the default ones: 0.005 as a double, little-endian
        Assert.Contains(Encoding.Latin1.GetString(BitConverter.GetBytes(0.025)), body, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_pushed()
    {
        using var telemetry = new Telemetry();

        Assert.Null(OtlpPush.Start(new DriftdOptions(), telemetry, "1"));
    }

    [Theory]
    [InlineData("http://c:4318", "http://c:4318/v1/metrics")]
    [InlineData("https://c/otlp/v1/metrics", "https://c/otlp/v1/metrics")]
    [InlineData("c:4318", null)]
    [InlineData("ftp://c", null)]
    [InlineData("", null)]
    public void An_endpoint_without_a_path_gets_the_usual_one(string endpoint, string? address) => Assert.Equal(address, OtlpPush.Address(endpoint)?.ToString());

    private static async Task<WebApplication> Receive(ConcurrentQueue<(string Path, string Type, string Body)> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue((context.Request.Path.Value!, context.Request.ContentType!, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.StatusCode = StatusCodes.Status200OK;
        });
        await app.StartAsync();
        return app;
    }
}
