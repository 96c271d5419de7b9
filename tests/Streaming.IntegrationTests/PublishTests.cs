using System.Text;
using System.Text.Json;

namespace Streaming.IntegrationTests;

/// <summary><c>driftd publish</c> against a real broker.</summary>
[Collection("kafka")]
public class PublishTests(KafkaCluster kafka)
{
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "Data", "elec2", "elec2-predictions.csv.gz");

    [BrokerFact]
    public async Task Every_row_arrives_once_in_order_where_a_Java_producer_would_put_its_id()
    {
        var topic = "published-" + Guid.NewGuid().ToString("N")[..8];
        await kafka.Create(topic, 4);
        var began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        await using var driftd = new DriftdProcess(
            "publish", File, "--topic", topic, "--model", "elec2", "--version", "7", "--bootstrap-servers", kafka.BootstrapServers);

        Assert.Equal(0, await driftd.Ended());
        Assert.Equal([$"published 45312 events to {topic} (4 partitions), 0 rows skipped"], driftd.Output);
        var records = Log.Read(kafka.BootstrapServers, topic);
        Assert.Equal(Elec2.Events, records.Count);
        Assert.All(records, record => Assert.Equal(Murmur2(record.Message.Key) % 4, record.Partition.Value));
        Assert.All(records, record => Assert.InRange(record.Message.Timestamp.UnixTimestampMs, began, began + 600_000));
        foreach (var partition in records.GroupBy(record => record.Partition.Value))
        {
            var ids = partition.OrderBy(record => record.Offset.Value).Select(record => int.Parse(Encoding.UTF8.GetString(record.Message.Key)[1..])).ToList();
            Assert.Equal(ids.Order(), ids);
        }

        var first = JsonElement.Parse(records.Single(record => record.Message.Key.AsSpan().SequenceEqual("e0"u8)).Message.Value);
        Assert.Equal(
            """{"id":"e0","model":"elec2","version":"7","time":"1996-05-07T00:00:00+10:00","features":{"date":0,"day":2,"period":0,"nswprice":0.056443,"nswdemand":0.439155,"vicprice":0.003467,"vicdemand":0.422915,"transfer":0.414912},"prediction":"UP","label":"UP"}""",
            first.GetRawText());
    }

    [BrokerFact]
    public async Task A_topic_that_is_not_there_is_not_made()
    {
        await using var driftd = new DriftdProcess("publish", File, "--topic", "nowhere", "--model", "m", "--bootstrap-servers", kafka.BootstrapServers);

        Assert.Equal(1, await driftd.Ended());
        Assert.Contains("has no topic nowhere: create it with 'driftd topics create --topic nowhere'", Assert.Single(driftd.Errors));
    }

    [Fact]
    public async Task Brokers_that_cannot_be_reached_are_named()
    {
        await using var driftd = new DriftdProcess("publish", File, "--topic", "t", "--model", "m", "--bootstrap-servers", "127.0.0.1:1");

        Assert.Equal(1, await driftd.Ended());
        Assert.StartsWith("error: 127.0.0.1:1: ", Assert.Single(driftd.Errors));
    }

    [Theory]
    [InlineData("21", -973_932_308)]
    [InlineData("foobar", -790_332_482)]
    public void The_hash_is_that_of_the_tests_of_Kafka_s_Java_client(string key, int expected) =>
        Assert.Equal(expected & int.MaxValue, Murmur2(Encoding.UTF8.GetBytes(key)));

    /// <summary>MurmurHash2 (A. Appleby) with the seed of Kafka's Java client, made positive as it does.</summary>
    private static int Murmur2(byte[] key)
    {
        const uint mix = 0x5bd1e995;
        var hash = 0x9747b28c ^ (uint)key.Length;
        var whole = key.Length / 4 * 4;
        for (var i = 0; i < whole; i += 4)
        {
            var k = BitConverter.ToUInt32(key, i) * mix;
            hash = (hash * mix) ^ ((k ^ (k >> 24)) * mix);
        }

        for (var i = key.Length - 1; i >= whole; i--)
        {
            hash ^= (uint)key[i] << (8 * (i - whole));
        }

        hash = key.Length > whole ? hash * mix : hash;
        hash = (hash ^ (hash >> 13)) * mix;
        return (int)((hash ^ (hash >> 15)) & 0x7fffffff);
    }
}
