using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Newest records of a topic.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Partitions">How many it has.</param>
/// <param name="Records">Records of a partition in the order of its log.</param>
/// <param name="TimestampType">CreateTime or LogAppendTime; null where no record was read.</param>
/// <param name="Partitioner">Rule that placed the keys: murmur2, CRC-32, neither; null where too few keys were seen, or one partition.</param>
public sealed record TopicSample(
    string Topic, int Partitions, IReadOnlyList<(int Partition, LogRecord Record)> Records, string? TimestampType, string? Partitioner);

/// <summary>Reads a bounded number of the newest records, spread over the partitions; joins no group and commits nothing.</summary>
public sealed class TopicSampling(KafkaOptions options, TimeProvider clock)
{
    /// <summary>Bytes of keys and values after which it stops.</summary>
    public const long MostBytes = 64L << 20;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    private Error? _refusal;

    /// <summary>Reads up to <paramref name="most"/> records.</summary>
    /// <exception cref="IOException">Brokers cannot be reached or refuse, or there is no such topic.</exception>
    public TopicSample Read(string topic, int most, CancellationToken stop)
    {
        try
        {
            using var consumer = KafkaProperties.Built(options, () =>
                new ConsumerBuilder<byte[], byte[]>(KafkaProperties.Reader(options, options.Group))
                    .SetLogHandler(static (_, _) => { }).SetErrorHandler((_, error) => Note(error)).Build());
            var partitions = Partitions(consumer, topic);
            var ranges = partitions.ConvertAll(partition => (Partition: partition, Range: consumer.QueryWatermarkOffsets(partition, AskTimeout)));
            var shares = Shares([.. ranges.Select(static found => found.Range.High.Value - found.Range.Low.Value)], most);
            var wanted = ranges.Zip(shares, static (found, share) => (found.Partition, From: found.Range.High.Value - share, To: found.Range.High.Value))
                .Where(static range => range.To > range.From).ToList();
            return Read(consumer, topic, partitions.Count, wanted, stop);
        }
        catch (KafkaException exception)
        {
            throw Failure(topic, exception);
        }
    }

    /// <summary>How many records each partition gives: alike, and what one lacks the others make up for.</summary>
    internal static long[] Shares(IReadOnlyList<long> available, long most)
    {
        var shares = new long[available.Count];
        var (left, open) = (most, available.Count);
        foreach (var index in Enumerable.Range(0, available.Count).OrderBy(index => available[index]))
        {
            shares[index] = Math.Min(available[index], left / open);
            (left, open) = (left - shares[index], open - 1);
        }

        return shares;
    }

    private TopicSample Read(
        IConsumer<byte[], byte[]> consumer, string topic, int partitions, List<(TopicPartition Partition, long From, long To)> wanted, CancellationToken stop)
    {
        var (records, keys, timestamps) = (new List<(int, LogRecord)>(), new PlacedKeys(), (TimestampType?)null);
        var open = wanted.ToDictionary(static range => range.Partition, static range => range.To);
        consumer.Assign(wanted.Select(static range => new TopicPartitionOffset(range.Partition, range.From)));
        var (bytes, movedAt) = (0L, clock.GetTimestamp());
        while (open.Count > 0 && bytes < MostBytes)
        {
            stop.ThrowIfCancellationRequested();
            if (Next(consumer) is not { } result)
            {
                // what is left open by a transaction that hangs is not waited for, once something was read
                if (clock.GetElapsedTime(movedAt) > AskTimeout)
                {
                    if (records.Count > 0)
                    {
                        break;
                    }

                    throw new IOException($"{topic}: no record came within {AskTimeout.TotalSeconds:0} s");
                }

                continue;
            }

            movedAt = clock.GetTimestamp();
            var end = open.GetValueOrDefault(result.TopicPartition);
            if (!result.IsPartitionEOF && result.Offset < end)
            {
                var message = result.Message;
                records.Add((result.Partition.Value, RecordSource.RecordOf(result)));
                keys.Observe(message.Key, result.Partition.Value, partitions);
                timestamps ??= message.Timestamp.Type;
                bytes += (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0);
            }

            if (result.IsPartitionEOF || result.Offset + 1 >= end)
            {
                open.Remove(result.TopicPartition);
            }
        }

        return new TopicSample(topic, partitions, records, timestamps?.ToString(), keys.Rule);
    }

    private static ConsumeResult<byte[], byte[]>? Next(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            return consumer.Consume(Slice);
        }
        catch (ConsumeException exception) when (exception.Error.Code == ErrorCode.GroupAuthorizationFailed)
        {
            // the client looks for a coordinator that nothing here needs
            return null;
        }
    }

    private List<TopicPartition> Partitions(IConsumer<byte[], byte[]> consumer, string topic)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var metadata = admin.GetMetadata(topic, AskTimeout).Topics.Find(found => found.Topic == topic);
        return metadata?.Error.Code switch
        {
            ErrorCode.NoError => metadata.Partitions.ConvertAll(partition => new TopicPartition(topic, partition.PartitionId)),
            null or ErrorCode.UnknownTopicOrPart => throw new IOException($"{options.BootstrapServers} has no topic {topic}"),
            _ => throw new KafkaException(metadata.Error),
        };
    }

    private void Note(Error error)
    {
        if (error.Code is ErrorCode.Local_Authentication or ErrorCode.Local_Ssl)
        {
            _refusal = error;
        }
    }

    private IOException Failure(string topic, KafkaException exception) => new(
        Faults.IsDenied(exception.Error.Code)
            ? NeededAcls.Denied($"Read on topic {topic}")
            : $"{options.BootstrapServers}: {Access.Text(_refusal ?? exception.Error)}",
        exception);
}
