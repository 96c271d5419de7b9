using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Streaming.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>A topic whose events driftd was not told about: what it is, how it is mapped, and that the mapping holds.</summary>
[Collection("kafka")]
public sealed class InspectTests(KafkaCluster cluster)
{
    private const int Partitions = 3, Count = 3_000;

    private readonly string _id = "i" + Guid.NewGuid().ToString("N")[..8];

    [BrokerTheory]
    [InlineData("cloudevent", "format: CloudEvent, structured, 100 %", "CRC-32 places", Partitioner.ConsistentRandom)]
    [InlineData("nested", "format: JSON object, 100 %", "murmur2 places", Partitioner.Murmur2Random)]
    public async Task What_it_proposes_is_taken_by_the_configuration_and_no_event_becomes_a_dead_letter(string shape, string format, string rule, Partitioner partitioner)
    {
        await Topics();
        await Publish(Count, partitioner, i => shape == "cloudevent" ? CloudEvent(i) : Nested(i));

        await using var inspect = new DriftdProcess("inspect", "--topic", _id, "--bootstrap-servers", cluster.BootstrapServers, "--records", "300");
        Assert.True(await inspect.Ended() == 0, string.Join('\n', inspect.Errors));
        var yaml = string.Join('\n', inspect.Output) + "\n";
        Assert.Contains(format, yaml, StringComparison.Ordinal);
        Assert.Contains($"# {_id}: the newest 300 records of 3 of 3 partitions; timestamps CreateTime\n", yaml, StringComparison.Ordinal);
        Assert.Contains($"# keys of the records: in 100 %; where {rule} them; the event id in 100 %\n", yaml, StringComparison.Ordinal);
        Assert.Contains("# as configured now: 0 of 300 records can be used; dead letters: ", yaml, StringComparison.Ordinal);
        Assert.Contains("# with what is proposed here: 300 of 300 records can be used\n", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", yaml, StringComparison.Ordinal);
        using (var admin = cluster.Admin())
        {
            Assert.DoesNotContain(admin.ListGroups(TimeSpan.FromSeconds(10)), static group => group.Group == "driftd");
        }

        using var file = new TemporaryFile(yaml);
        await using var driftd = new DriftdProcess(["run", "--config", file.Path, .. Attached()]);
        await driftd.Until(() => driftd.Sum("driftd_events_total", "model=\"score\\\"r\"") == Count, "all events are taken");
        Assert.Equal(0, driftd.Sum("driftd_dead_letters_total"));
        await driftd.Until(() => driftd.Sum("driftd_stream_level", "stream=\"feature:amount\"") >= 0 && driftd.Metrics().Contains("stream=\"feature:amount\"", StringComparison.Ordinal), "features are watched");

        await using var status = new DriftdProcess("status", "--url", driftd.Url()!.GetLeftPart(UriPartial.Authority), "--output", "json");
        Assert.True(await status.Ended() == 0, string.Join('\n', status.Errors));
        var version = JsonElement.Parse(status.Output.Single(static line => line.Contains("\"kind\":\"version\"", StringComparison.Ordinal)));
        Assert.Equal(("score\"r", "7", (double)Count), (version.GetProperty("model").GetString(), version.GetProperty("version").GetString(), version.GetProperty("events").GetDouble()));
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
    }

    [BrokerFact]
    public async Task Where_the_first_100_records_are_all_dead_letters_one_line_names_their_keys_and_the_command()
    {
        await Topics();
        await Publish(250, Partitioner.Murmur2Random, CloudEvent);

        await using var driftd = new DriftdProcess(["run", "--topic", _id, .. Attached()]);
        await driftd.Until(() => driftd.Sum("driftd_dead_letters_total") == 250, "all are dead letters");
        await driftd.Until(() => driftd.Errors.Any(static line => line.Contains("first 100 records", StringComparison.Ordinal)), "it is said");
        Assert.Equal(0, (await driftd.Stop()).ExitCode);

        var line = Assert.Single(driftd.Errors, static line => line.Contains("first 100 records", StringComparison.Ordinal));
        Assert.Contains(
            $"detect: the first 100 records of {_id} are all dead letters (neither_features_nor_prediction 100; CloudEvent, structured 100); keys found: /specversion (text), ",
            line, StringComparison.Ordinal);
        Assert.Contains("/data/inputs/amount (number)", line, StringComparison.Ordinal);
        Assert.EndsWith($"; driftd inspect --topic {_id} proposes a mapping", line, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", line, StringComparison.Ordinal);
    }

    [BrokerFact]
    public async Task What_cannot_be_inspected_is_said_in_a_line()
    {
        await using var driftd = new DriftdProcess("inspect", "--topic", _id + "-none", "--bootstrap-servers", cluster.BootstrapServers);

        Assert.Equal(1, await driftd.Ended());
        Assert.Equal([$"error: {cluster.BootstrapServers} has no topic {_id}-none"], driftd.Errors);
    }

    [BrokerFact]
    public async Task A_topic_without_records_is_said_to_have_none()
    {
        await cluster.Create(_id, Partitions);
        await using var driftd = new DriftdProcess("inspect", "--topic", _id, "--bootstrap-servers", cluster.BootstrapServers);

        Assert.Equal(0, await driftd.Ended());
        Assert.Equal($"# {_id}: no record yet in its 3 partitions", driftd.Output[0]);
    }

    [Fact]
    public async Task Brokers_that_cannot_be_reached_are_named()
    {
        await using var driftd = new DriftdProcess("inspect", "--topic", "t", "--bootstrap-servers", "127.0.0.1:1");

        Assert.Equal(1, await driftd.Ended());
        Assert.StartsWith("error: 127.0.0.1:1: ", Assert.Single(driftd.Errors), StringComparison.Ordinal);
    }

    private string[] Attached() =>
        ["--bootstrap-servers", cluster.BootstrapServers, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0"];

    private async Task Topics()
    {
        await cluster.Create(_id, Partitions);
        using var admin = cluster.Admin();
        await new Topics(_id + ".").CreateAsync(admin, []);
    }

    private async Task Publish(int count, Partitioner partitioner, Func<int, string> json)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers, LingerMs = 20, Partitioner = partitioner }).Build();
        for (var i = 0; i < count; i++)
        {
            producer.Produce(_id, new() { Key = Encoding.UTF8.GetBytes("e" + i), Value = Encoding.UTF8.GetBytes(json(i)) });
        }

        await Task.Run(() => producer.Flush());
    }

    private static string CloudEvent(int i) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"specversion":"1.0","id":"e{{{i}}}","source":"/scoring","type":"prediction.made","time":"2026-11-22T10:00:00Z","datacontenttype":"application/json",
         "data":{"model_name":"score\"r","model_version":7,"inputs":{"amount":{{{i % 97}}}.5,"country":"canary"},"output":{"score":0.25},"actual":{{{i % 2}}}}}
        """);

    // usual names that mean something else, a name that needs quoting in YAML, one that needs escaping in a pointer
    private static string Nested(int i) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"meta: #1":{"request_id":"e{{{i}}}","ts":{{{1_795_305_600_000 + i}}}},"time":"10:00","label":["canary"],"version":{"schema":1},
         "model":{"name":"score\"r","version":"7"},"body/~1":{"features":{"amount":{{{i % 97}}},"country":"canary","vip":true}},"prediction":{"class":"canary","probability":0.9}}
        """);
}
