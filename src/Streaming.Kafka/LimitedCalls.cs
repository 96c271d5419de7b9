using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>Requests of a transactional producer that block longer than a worker may wait.</summary>
internal static class LimitedCalls
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>In slices, so that a stop is heard while brokers are away; what may be called again is, whatever a slice ended with.</summary>
    /// <exception cref="KafkaException">It did not begin within the limit, or never will.</exception>
    /// <exception cref="OperationCanceledException">The stop was asked for meanwhile.</exception>
    public static void Init(IProducer<byte[], byte[]> producer, TimeSpan limit, Patience patience, TimeProvider clock)
    {
        var begin = clock.GetTimestamp();
        while (true)
        {
            try
            {
                producer.InitTransactions(Slice);
                return;
            }
            catch (KafkaRetriableException) when (clock.GetElapsedTime(begin) < limit)
            {
                patience.Wait(Pause);
            }
        }
    }

    /// <summary>Sends offsets to the open transaction; false where the client has not come back by the limit.</summary>
    /// <remarks>Where the group's coordinator dies meanwhile, the client may wait without end whatever limit it is given (librdkafka #5456).</remarks>
    /// <exception cref="KafkaException">The client came back with an error.</exception>
    public static bool TrySendOffsets(
        IProducer<byte[], byte[]> producer, IReadOnlyList<TopicPartitionOffset> offsets, IConsumerGroupMetadata member, TimeSpan asked, TimeSpan limit)
    {
        var sending = Task.Run(() => producer.SendOffsetsToTransaction(offsets, member, asked));
        if (!((IAsyncResult)sending).AsyncWaitHandle.WaitOne(limit))
        {
            return false;
        }

        sending.GetAwaiter().GetResult();
        return true;
    }
}
