using System.Diagnostics;
using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>A topic as a reader sees it that believes committed records only.</summary>
internal static class Log
{
    public static List<ConsumeResult<byte[], byte[]>> Read(string bootstrapServers, string topic, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "reader-" + Guid.NewGuid(),
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = isolation,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions;
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var (records, ended, watch) = (new List<ConsumeResult<byte[], byte[]>>(), new HashSet<int>(), Stopwatch.StartNew());
        while (ended.Count < partitions.Count)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"{topic} was not read to its end within 2 min");
            if (consumer.Consume(TimeSpan.FromSeconds(1)) is not { } result)
            {
                continue;
            }

            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition.Value);
            }
            else
            {
                records.Add(result);
            }
        }

        return records;
    }

    /// <summary>One partition as a stage is given it.</summary>
    public static LogRecord[] Partition(string bootstrapServers, string topic, int partition)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "reader-" + Guid.NewGuid(),
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
        var (records, watch) = (new List<LogRecord>(), Stopwatch.StartNew());
        while (true)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"{topic} [{partition}] was not read to its end within 2 min");
            if (consumer.Consume(TimeSpan.FromSeconds(1)) is not { } result)
            {
                continue;
            }

            if (result.IsPartitionEOF)
            {
                return [.. records];
            }

            var message = result.Message;
            records.Add(new LogRecord(
                result.Offset.Value, message.Timestamp.UnixTimestampMs, message.Key, message.Value,
                message.Headers is { Count: > 0 } headers ? [.. headers.Select(static header => new KeyValuePair<string, byte[]>(header.Key, header.GetValueBytes()))] : null));
        }
    }
}
