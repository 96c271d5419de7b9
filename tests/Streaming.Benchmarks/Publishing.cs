using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Streaming.Benchmarks;

/// <summary>Fills a topic as fast as the broker takes records.</summary>
internal static class Publishing
{
    private const int SayEvery = 250_000;

    /// <summary>Makes the topic and publishes the records; returns once all are acknowledged.</summary>
    public static void Fill(string servers, string topic, int partitions, IEnumerable<(int Partition, Message<byte[], byte[]> Message)> records)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]).GetAwaiter().GetResult();
        }

        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = servers,
            LingerMs = 50,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxMessages = 500_000,
            Acks = Acks.All,
        }).Build();
        var count = 0;
        foreach (var (partition, message) in records)
        {
            Produce(producer, new TopicPartition(topic, partition), message);
            if (++count % SayEvery == 0)
            {
                Console.Error.WriteLine($"{count:N0} events published");
            }
        }

        producer.Flush();
    }

    /// <summary>Hands a record over; waits where the queue is full.</summary>
    public static void Produce(IProducer<byte[], byte[]> producer, TopicPartition partition, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(partition, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(50));
            }
        }
    }
}
