using System.Text.Json;

namespace Streaming.IntegrationTests;

/// <summary>The demo that publishes to a Kafka that is there.</summary>
[Collection("kafka")]
public class DemoFeedTests(KafkaCluster kafka)
{
    private readonly string _id = "f" + Guid.NewGuid().ToString("N")[..8];

    [BrokerFact]
    public async Task Driftd_beside_it_finds_the_change_that_it_announces()
    {
        await kafka.Create(_id, 4);
        string[] attach = ["--topic", _id, "--bootstrap-servers", kafka.BootstrapServers];
        await using (var topics = new DriftdProcess(["topics", "create", .. attach, "--prefix", _id + "."]))
        {
            Assert.Equal(0, await topics.Ended());
        }

        await using var driftd = new DriftdProcess(
            new Dictionary<string, string> { ["DRIFTD__LEARNFOR"] = "0s" },
            ["run", .. attach, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0"]);
        var began = DateTimeOffset.UtcNow;
        await using var feed = new DriftdProcess(["demo", .. attach, "--rate", "4000", "--events", "40000", "--change-at", "20000"]);

        Assert.Equal(0, await feed.Ended());
        Assert.Equal($"published 40000 events of credit-scoring to {_id} (4 partitions)", feed.Output[^1]);
        Assert.StartsWith("the world changes at event 20001, ", feed.Output[0], StringComparison.Ordinal);
        await driftd.Until(() => driftd.Sum("driftd_triggers_total") >= 1, "there is a trigger");
        await driftd.Until(() => driftd.Sum("driftd_events_total") == 40_000, "all events are taken");
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
        var trigger = Assert.Single(Log.Read(kafka.BootstrapServers, _id + ".triggers"));
        var changed = JsonElement.Parse(trigger.Message.Value).GetProperty("data").GetProperty("changedAt").GetDateTimeOffset();
        Assert.InRange((changed - began).TotalSeconds, 3, 30);
    }

    [Theory]
    [InlineData("--rate 0: expected 0.001 to 1000000", "--bootstrap-servers", "127.0.0.1:1", "--rate", "0")]
    [InlineData("--change-at 120001: expected 0 to 120000", "--bootstrap-servers", "127.0.0.1:1", "--change-at", "120001")]
    [InlineData("--topic: needs --bootstrap-servers; the demo without a Kafka has a broker and a pace of its own", "--topic", "predictions")]
    public async Task What_it_cannot_do_is_refused_with_what_it_can(string message, params string[] options)
    {
        await using var feed = new DriftdProcess(["demo", .. options]);

        Assert.Equal(2, await feed.Ended());
        Assert.Equal(["error: " + message], feed.Errors);
    }
}
