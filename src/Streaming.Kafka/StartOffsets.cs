using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>Where to begin on a partition that was just assigned.</summary>
internal sealed class StartOffsets(KafkaOptions options, ILogger log)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>What an operator is told where the log no longer holds the offset.</summary>
    public static string Gone(TopicPartitionOffset? at) =>
        $"offset {at?.Offset.Value.ToString(CultureInfo.InvariantCulture) ?? "?"} of {at?.Topic ?? "?"} [{at?.Partition.Value ?? 0}] is no longer in the log; "
        + "set onMissingOffsets to earliest or latest to go on without it";

    /// <summary>The stable committed offset of each; where there is none, what <see cref="KafkaOptions.StartFrom"/> says.</summary>
    /// <exception cref="WorkerFailedException">A committed offset is no longer in the log, and the policy is to stop.</exception>
    public List<TopicPartitionOffset> Of(IConsumer<byte[], byte[]> consumer, List<TopicPartition> assigned)
    {
        var starts = new List<TopicPartitionOffset>(assigned.Count);
        foreach (var committed in consumer.Committed(assigned, Timeout))
        {
            starts.Add(committed.Offset == Offset.Unset
                ? new TopicPartitionOffset(committed.TopicPartition, First(consumer, committed.TopicPartition))
                : InLog(consumer, committed));
        }

        return starts;
    }

    private Offset First(IConsumer<byte[], byte[]> consumer, TopicPartition partition)
    {
        switch (options.StartFrom)
        {
            case "earliest":
                return Offset.Beginning;
            case "latest":
                return Offset.End;
            default:
                var time = DateTimeOffset.Parse(options.StartFrom, CultureInfo.InvariantCulture).UtcDateTime;
                return consumer.OffsetsForTimes([new TopicPartitionTimestamp(partition, new Timestamp(time))], Timeout)[0].Offset;
        }
    }

    private TopicPartitionOffset InLog(IConsumer<byte[], byte[]> consumer, TopicPartitionOffset committed)
    {
        var range = consumer.QueryWatermarkOffsets(committed.TopicPartition, Timeout);
        if (committed.Offset.Value >= range.Low.Value && committed.Offset.Value <= range.High.Value)
        {
            return committed;
        }

        if (options.OnMissingOffsets == MissingOffsets.Stop)
        {
            throw new WorkerFailedException(Gone(committed));
        }

        var start = options.OnMissingOffsets == MissingOffsets.Earliest ? range.Low : range.High;
        log.LogWarning(
            "offset {Offset} of {Partition} is no longer in the log ({Low} to {High}); going on at {Start} as onMissingOffsets says",
            committed.Offset.Value, committed.TopicPartition, range.Low.Value, range.High.Value, start.Value);
        return new TopicPartitionOffset(committed.TopicPartition, start);
    }
}
