using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>From the consumer to the queues: takes what the client has, up to the bounds of what may wait.</summary>
internal sealed class RecordSource(KafkaOptions options, string group, IConsumer<byte[], byte[]> consumer, Assignment assignment)
{
    private const int MostAtOnce = 4_096;

    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether more records may wait.</summary>
    public bool HasRoom => assignment.QueuedRecords < options.MaxQueuedRecords && assignment.QueuedBytes < options.MaxQueuedBytes;

    /// <summary>Fills the queues; <paramref name="afterEach"/> may throw what a handler has noted.</summary>
    public void Poll(Patience patience, Action afterEach)
    {
        var wait = assignment.QueuedRecords == 0 ? Idle : TimeSpan.Zero;
        for (var i = 0; i < MostAtOnce && HasRoom; i++)
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
            assignment.Enqueue(
                result.TopicPartition,
                new LogRecord(result.Offset.Value, message.Timestamp.UnixTimestampMs, message.Key, message.Value, HeadersOf(message)));
        }
    }

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
