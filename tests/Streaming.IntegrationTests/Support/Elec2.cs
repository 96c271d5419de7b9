using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>The predictions of a naive Bayes on the electricity market of New South Wales: real inputs, real labels.</summary>
internal static class Elec2
{
    public const string Model = "elec2";
    public const int Events = 45_312;

    /// <summary>The rows as a table.</summary>
    public static readonly string File = Path.Combine(AppContext.BaseDirectory, "Data", "elec2", "elec2-predictions.csv.gz");

    /// <summary>The rows as prediction events, in order of time.</summary>
    public static IEnumerable<(byte[] Id, byte[] Event)> Read()
    {
        using var reader = new StreamReader(new GZipStream(System.IO.File.OpenRead(File), CompressionMode.Decompress));
        var columns = reader.ReadLine()!.Split(',');
        while (reader.ReadLine() is { } line)
        {
            var row = columns.Zip(line.Split(',')).ToDictionary(static pair => pair.First, static pair => pair.Second);
            var features = row.Where(static pair => pair.Key is not ("id" or "time" or "prediction" or "label"))
                .ToDictionary(static pair => pair.Key, static pair => double.Parse(pair.Value));
            yield return (Encoding.UTF8.GetBytes(row["id"]), JsonSerializer.SerializeToUtf8Bytes(new
            {
                id = row["id"],
                model = Model,
                time = row["time"],
                features,
                prediction = row["prediction"],
                label = row["label"],
            }));
        }
    }

    /// <summary>Publishes all of them, each to the partition of its id.</summary>
    public static void Publish(string bootstrapServers, string topic, int partitions)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            EnableIdempotence = true,
            LingerMs = 20,
        }).Build();
        foreach (var (id, value) in Read())
        {
            producer.Produce(new TopicPartition(topic, Pipeline.PartitionOf(id, partitions)), new() { Key = id, Value = value });
        }

        producer.Flush();
    }
}
