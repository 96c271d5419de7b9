using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>Whether a broker answers. The client says when it has lost the last one, and never that one is back; so it is asked.</summary>
internal sealed class BrokerReach(IConsumer<byte[], byte[]> consumer, string topic)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private volatile string? _doubt;

    /// <summary>Notes what a client reports.</summary>
    /// <remarks>A lone broker that closed an idle connection looks the same as one that is gone: both are asked about.</remarks>
    public void Note(Error error)
    {
        if (error.Code == ErrorCode.Local_AllBrokersDown)
        {
            _doubt = error.Reason;
        }
    }

    /// <summary>Whether one answers, as far as there is reason to doubt it; where none does, waits.</summary>
    /// <exception cref="OperationCanceledException">The stop was asked for meanwhile.</exception>
    public bool Answers(Patience patience)
    {
        if (_doubt is not { } reason)
        {
            return true;
        }

        try
        {
            _doubt = null;
            consumer.QueryWatermarkOffsets(new TopicPartition(topic, 0), Timeout);
        }
        catch (KafkaException exception) when (exception.Error.IsLocalError)
        {
            _doubt = reason;
            patience.Failed("brokers", reason);
            return false;
        }
        catch (KafkaException)
        {
            // a refusal is an answer
        }

        patience.Succeeded();
        return true;
    }
}
