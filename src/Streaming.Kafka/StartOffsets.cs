using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>Where to begin on a partition that was just assigned: what was committed, what was saved, and what the log still holds.</summary>
internal sealed class StartOffsets(KafkaOptions options, ILogger log)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>What an operator is told where the log no longer holds the offset.</summary>
    public static string Gone(TopicPartitionOffset? at) =>
        $"offset {at?.Offset.Value.ToString(CultureInfo.InvariantCulture) ?? "?"} of {at?.Topic ?? "?"} [{at?.Partition.Value ?? 0}] is no longer in the log; "
        + "set onMissingOffsets to earliest or latest to go on without it";

    /// <summary>The stable committed offset of each; <see cref="Offset.Unset"/> where there is none. Waits for what a dead owner left in an open transaction.</summary>
    public static Dictionary<TopicPartition, Offset> Committed(IConsumer<byte[], byte[]> consumer, IReadOnlyList<TopicPartition> assigned, TimeSpan deadline) =>
        consumer.Committed(assigned, deadline).ToDictionary(static found => found.TopicPartition, static found => found.Offset);

    /// <summary>Where reading begins, and up to where outputs are committed already (null: nowhere).</summary>
    /// <exception cref="WorkerFailedException">An offset is gone, and the policy is to stop.</exception>
    public (Offset Start, long? Committed) Of(
        IConsumer<byte[], byte[]> consumer, TopicPartition partition, Offset committed, PartitionPosition? saved, PartitionPosition? ofFormerTopic)
    {
        if (ofFormerTopic is not null && saved is null)
        {
            return Missing(consumer, partition, $"{partition.Topic} was deleted and created anew since its partition {partition.Partition.Value} was processed", null);
        }

        if (committed == Offset.Unset)
        {
            return saved is null
                ? (First(consumer, partition), null)
                : Missing(consumer, partition, $"the group has no offset for {partition}, though its state says {saved.Value.Committed} was committed", saved.Value.Committed);
        }

        if (saved is null)
        {
            log.LogWarning("{Partition}: committed offset {Offset}, but no saved state; windows begin anew there", partition, committed.Value);
        }
        else if (saved.Value.Committed != committed.Value)
        {
            log.LogWarning(
                "{Partition}: the group's offset is {Offset}, saved state says {Saved}: the offset was moved by hand; records that the state contains are not fed again",
                partition, committed.Value, saved.Value.Committed);
        }

        // what was committed with the state is committed, wherever the group's offset was moved to
        var upTo = Math.Max(committed.Value, saved?.Committed ?? 0);
        return InLog(consumer, partition, committed.Value, Math.Min(saved?.ReplayFrom ?? committed.Value, committed.Value), upTo);
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

    private (Offset Start, long? Committed) InLog(
        IConsumer<byte[], byte[]> consumer, TopicPartition partition, long committed, long replayFrom, long upTo)
    {
        var range = consumer.QueryWatermarkOffsets(partition, Timeout);
        if (committed < range.Low.Value || committed > range.High.Value)
        {
            return Missing(consumer, partition, Gone(new TopicPartitionOffset(partition, committed)), committed);
        }

        return replayFrom >= range.Low.Value
            ? (replayFrom, upTo)
            : Missing(consumer, partition, Gone(new TopicPartitionOffset(partition, replayFrom)), committed, range.Low);
    }

    private (Offset Start, long? Committed) Missing(
        IConsumer<byte[], byte[]> consumer, TopicPartition partition, string what, long? committed, Offset? replayFrom = null)
    {
        if (options.OnMissingOffsets == MissingOffsets.Stop)
        {
            throw new WorkerFailedException(what.Contains("onMissingOffsets", StringComparison.Ordinal)
                ? what : what + "; set onMissingOffsets to earliest or latest to go on");
        }

        var range = consumer.QueryWatermarkOffsets(partition, Timeout);
        var start = replayFrom ?? (options.OnMissingOffsets == MissingOffsets.Earliest ? range.Low : range.High);
        log.LogWarning(
            "{What}; the log holds {Low} to {High}, going on at {Start} as onMissingOffsets says", what, range.Low.Value, range.High.Value, start.Value);

        // what lies beyond the end of the log was never committed in this one
        return (start, committed is { } upTo && upTo <= range.High.Value && upTo > start.Value ? upTo : null);
    }
}
