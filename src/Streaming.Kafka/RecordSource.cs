using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>From the consumer to the queues: takes what the client has, up to the bounds of what may wait.</summary>
internal sealed class RecordSource(
    KafkaOptions options, string group, IConsumer<byte[], byte[]> consumer, Assignment assignment, LabelWarnings warnings, TimeProvider clock)
{
    private const int MostAtOnce = 4_096;

    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether more records may wait.</summary>
    public bool HasRoom => assignment.QueuedRecords < options.MaxQueuedRecords && assignment.QueuedBytes < options.MaxQueuedBytes;

    /// <summary>Fills the queues; <paramref name="afterEach"/> may throw what a handler has noted.</summary>
    public void Poll(Patience patience, Action afterEach)
    {
        ResumePaused();
        var canTake = assignment.CanTake;
        var (wait, lacksHalf) = (canTake ? TimeSpan.Zero : Idle, assignment.HasHalves && !canTake);

        // where one half of a pair is missing there is room for it: its share, or where more waits already the next record of each partition
        for (var i = 0; i < MostAtOnce && (HasRoom || lacksHalf); i++)
        {
            var result = Consume(wait, patience);
            afterEach();
            if (result is null)
            {
                return;
            }

            wait = TimeSpan.Zero;
            if (result.IsPartitionEOF)
            {
                assignment.MarkEnd(result.TopicPartition);
                continue;
            }

            var message = result.Message;
            var owned = assignment.Enqueue(result.TopicPartition, RecordOf(result));
            if (owned is not null && options.Labels.Count > 0)
            {
                owned.LastArrival = clock.GetTimestamp();
                warnings.Observe(result.Topic, result.Partition.Value, message.Key);
                if (IsFull(owned) && !MustWait(owned))
                {
                    // what can be taken is taken before more is fetched
                    return;
                }

                PauseFull(owned);
            }
        }
    }

    /// <summary>What waits for the other half of a pair must not take the room that the other half needs.</summary>
    private void PauseFull(OwnedPartition owned)
    {
        if (!owned.IsPaused && IsFull(owned))
        {
            consumer.Pause([owned.Partition]);
            owned.IsPaused = true;
        }
    }

    /// <summary>Whether its records can only be taken once the other half of its pair has some.</summary>
    private static bool MustWait(OwnedPartition owned) => owned.Unit is null || (owned.Pair is { } pair && pair.Next(1) is null);

    private void ResumePaused()
    {
        if (options.Labels.Count == 0)
        {
            return;
        }

        foreach (var owned in assignment.Partitions)
        {
            if (owned.IsPaused && !IsBeyond(owned, 2) && (HasRoom || owned.Queue.Count == 0))
            {
                consumer.Resume([owned.Partition]);
                (owned.IsPaused, owned.LastArrival) = (false, clock.GetTimestamp());
            }
        }
    }

    /// <summary>Whether no more of a partition should wait.</summary>
    private bool IsFull(OwnedPartition owned) => IsBeyond(owned, 1) || !HasRoom;

    /// <summary>Whether more waits of a partition than its share of the room, or than a part of it.</summary>
    private bool IsBeyond(OwnedPartition owned, int part)
    {
        var shares = part * assignment.Partitions.Count;
        return owned.Queue.Count > options.MaxQueuedRecords / shares || owned.QueuedBytes > options.MaxQueuedBytes / shares;
    }

    /// <summary>A record as the stages take it.</summary>
    internal static LogRecord RecordOf(ConsumeResult<byte[], byte[]> result) =>
        new(result.Offset.Value, result.Message.Timestamp.UnixTimestampMs, result.Message.Key, result.Message.Value, HeadersOf(result.Message));

    private static List<KeyValuePair<string, byte[]>>? HeadersOf(Message<byte[], byte[]> message) =>
        message.Headers is null || message.Headers.Count == 0
            ? null : [.. message.Headers.Select(static header => new KeyValuePair<string, byte[]>(header.Key, header.GetValueBytes()))];

    private ConsumeResult<byte[], byte[]>? Consume(TimeSpan wait, Patience patience)
    {
        try
        {
            return consumer.Consume(wait);
        }
        catch (ConsumeException exception) when (exception.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            // retention has overtaken the reader: what onMissingOffsets says is done where partitions are restored
            var gone = StartOffsets.Gone(exception.ConsumerRecord?.TopicPartitionOffset);
            throw options.OnMissingOffsets == MissingOffsets.Stop ? new WorkerFailedException(gone, exception) : new OwnershipLostException(gone);
        }
        catch (ConsumeException exception) when (exception.Error.Code is ErrorCode.Local_MaxPollExceeded or ErrorCode.UnknownMemberId)
        {
            throw new OwnershipLostException(exception.Error.Reason);
        }
        catch (ConsumeException exception)
        {
            if (Faults.IsDenied(exception.Error.Code))
            {
                var what = exception.ConsumerRecord?.Topic is { Length: > 0 } topic ? $"Read on topic {topic}" : $"Read on group {group}";
                throw new AccessRefusedException(NeededAcls.Denied(what));
            }

            if (Faults.EndsProcess(exception.Error.Code) || exception.Error.IsFatal)
            {
                throw new WorkerFailedException($"Kafka refuses to go on: {exception.Error.Reason} ({exception.Error.Code})", exception);
            }

            patience.Failed("consume", exception.Error);
            return null;
        }
    }
}
