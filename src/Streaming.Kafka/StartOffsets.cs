using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>What is known of a partition that was just assigned, besides the group's offset.</summary>
/// <param name="Saved">Its saved position.</param>
/// <param name="OfFormerTopic">The position of a topic of the same name that is no more.</param>
/// <param name="IsAdded">The topic had fewer partitions when its state was written.</param>
internal readonly record struct KnownPosition(PartitionPosition? Saved, PartitionPosition? OfFormerTopic, bool IsAdded);

/// <summary>Where to begin on a partition that was just assigned: what was committed, what was saved, and what the log still holds.</summary>
internal sealed class StartOffsets(KafkaOptions options, ILogger log)
{
    private const string Advice = "set onMissingOffsets to earliest or latest to go on";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Partitions that went on elsewhere than where they were left, as <c>onMissingOffsets</c> says.</summary>
    public long Missed { get; private set; }

    /// <summary>What an operator is told where the log no longer holds the offset.</summary>
    public static string Gone(TopicPartitionOffset? at) =>
        $"offset {at?.Offset.Value.ToString(CultureInfo.InvariantCulture) ?? "?"} of {at?.Topic ?? "?"} [{at?.Partition.Value ?? 0}] is no longer in the log; "
        + Advice + " without it";

    /// <summary>The stable committed offset of each; <see cref="Offset.Unset"/> where there is none. Waits for what a dead owner left in an open transaction.</summary>
    public static Dictionary<TopicPartition, Offset> Committed(IConsumer<byte[], byte[]> consumer, IReadOnlyList<TopicPartition> assigned, TimeSpan deadline) =>
        consumer.Committed(assigned, deadline).ToDictionary(static found => found.TopicPartition, static found => found.Offset);

    /// <summary>Where reading begins, and up to where outputs are committed already (null: nowhere).</summary>
    /// <exception cref="WorkerFailedException">An offset is gone, and the policy is to stop.</exception>
    public (long Start, long? Committed) Of(IConsumer<byte[], byte[]> consumer, TopicPartition partition, Offset committed, KnownPosition known)
    {
        var range = consumer.QueryWatermarkOffsets(partition, Timeout);
        if (known is { OfFormerTopic: not null, Saved: null })
        {
            return Missing(partition, range, $"{partition.Topic} was deleted and created anew since its partition {partition.Partition.Value} was processed; {Advice}", null);
        }

        if (committed == Offset.Unset)
        {
            return known.Saved is { } state
                ? Missing(
                    partition, range, $"the group has no offset for {Name(partition)}, though its state says {state.Committed} was committed; {Advice}", state.Committed)
                : (First(consumer, partition, range, known.IsAdded), null);
        }

        if (known.Saved is not { } saved)
        {
            log.LogWarning(LogEvents.NoSavedState, "{Partition}: committed offset {Offset}, but no saved state; windows begin anew there", Name(partition), committed.Value);
            return InLog(partition, range, committed.Value, committed.Value, committed.Value);
        }

        if (saved.Committed != committed.Value)
        {
            log.LogWarning(
                LogEvents.OffsetMoved, "{Partition}: the group's offset is {Offset}, saved state says {Saved}: the offset was moved by hand; records that the state contains are not fed again",
                Name(partition), committed.Value, saved.Committed);
        }

        // what was committed with the state is committed, wherever the group's offset was moved to
        return InLog(partition, range, committed.Value, Math.Min(saved.ReplayFrom, committed.Value), Math.Max(committed.Value, saved.Committed));
    }

    private static string Name(TopicPartition partition) => $"{partition.Topic} [{partition.Partition.Value}]";

    private long First(IConsumer<byte[], byte[]> consumer, TopicPartition partition, WatermarkOffsets range, bool isAdded)
    {
        if (isAdded)
        {
            log.LogInformation(
                LogEvents.PartitionAdded, "{Partition}: added since its topic was attached, beginning at its oldest record, offset {Offset}", Name(partition), range.Low.Value);
            return range.Low.Value;
        }

        switch (options.StartFrom)
        {
            case "earliest":
                return range.Low.Value;
            case "latest":
                return range.High.Value;
            default:
                var time = DateTimeOffset.Parse(options.StartFrom, CultureInfo.InvariantCulture).UtcDateTime;
                var found = consumer.OffsetsForTimes([new TopicPartitionTimestamp(partition, new Timestamp(time))], Timeout)[0].Offset;

                // a time after the last record is the end
                return found.Value >= 0 ? found.Value : range.High.Value;
        }
    }

    private (long Start, long? Committed) InLog(TopicPartition partition, WatermarkOffsets range, long committed, long replayFrom, long upTo)
    {
        if (committed > range.High.Value)
        {
            return Missing(
                partition, range, $"offset {committed} of {Name(partition)} lies beyond the end of its log, {range.High.Value}: records were lost; {Advice}", null);
        }

        if (committed < range.Low.Value)
        {
            return Missing(partition, range, Gone(new TopicPartitionOffset(partition, committed)), null);
        }

        // outputs up to the committed offset are written: what is left before it is fed again, whichever way the policy goes on
        return replayFrom >= range.Low.Value
            ? (replayFrom, upTo)
            : Missing(partition, range, Gone(new TopicPartitionOffset(partition, replayFrom)), upTo, range.Low.Value);
    }

    private (long Start, long? Committed) Missing(TopicPartition partition, WatermarkOffsets range, string what, long? committed, long? replayFrom = null)
    {
        if (options.OnMissingOffsets == MissingOffsets.Stop)
        {
            throw new WorkerFailedException(what);
        }

        Missed++;
        var start = replayFrom ?? (options.OnMissingOffsets == MissingOffsets.Earliest ? range.Low.Value : range.High.Value);
        log.LogWarning(
            LogEvents.OffsetMissing, "{What}: the log of {Partition} holds {Low} to {High}, going on at {Start} as onMissingOffsets = {Policy} says", what.Replace("; " + Advice, "", StringComparison.Ordinal),
            Name(partition), range.Low.Value, range.High.Value, start, options.OnMissingOffsets.ToString().ToLowerInvariant());

        // what lies beyond the end of the log was never committed in this one
        return (start, committed is { } upTo && upTo <= range.High.Value && upTo > start ? upTo : null);
    }
}
