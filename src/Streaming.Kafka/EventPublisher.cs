using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>Writes events to a topic: each once and in order, the partition chosen by the key as Java's producers choose it.</summary>
/// <remarks>Idempotent producer; murmur2 over the key, so that labels of a Java producer with the same key lie in the same partition.</remarks>
public sealed class EventPublisher : IDisposable
{
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QueueWait = TimeSpan.FromMilliseconds(100);

    private readonly string _servers;
    private readonly string _topic;
    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly Action<DeliveryReport<byte[]?, byte[]>> _delivered;
    private long _published;
    private Error? _failure;

    /// <summary>Connects.</summary>
    /// <param name="options">How Kafka is reached.</param>
    /// <param name="topic">An existing topic.</param>
    /// <exception cref="IOException">The brokers cannot be reached, or have no such topic.</exception>
    public EventPublisher(KafkaOptions options, string topic)
    {
        (_servers, _topic, _delivered) = (options.BootstrapServers, topic, Delivered);
        Partitions = PartitionsOf(options, topic);
        _producer = new ProducerBuilder<byte[]?, byte[]>(KafkaProperties.Publisher(options))
            .SetLogHandler(static (_, _) => { })
            .SetErrorHandler(static (_, _) => { })
            .Build();
    }

    /// <summary>Partitions of the topic.</summary>
    public int Partitions { get; }

    /// <summary>Events that the brokers have acknowledged.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>Hands over one event; waits where too many are on their way.</summary>
    /// <exception cref="IOException">An earlier event was refused.</exception>
    public void Publish(byte[]? key, byte[] value)
    {
        var message = new Message<byte[]?, byte[]> { Key = key, Value = value };
        while (true)
        {
            ThrowIfFailed();
            try
            {
                _producer.Produce(_topic, message, _delivered);
                return;
            }
            catch (ProduceException<byte[]?, byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(QueueWait);
            }
            catch (KafkaException exception)
            {
                throw Failed(exception.Error);
            }
        }
    }

    /// <summary>Waits until all events are acknowledged.</summary>
    /// <exception cref="IOException">One was refused.</exception>
    public void Complete(CancellationToken stop)
    {
        _producer.Flush(stop);
        ThrowIfFailed();
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    private static int PartitionsOf(KafkaOptions options, string topic)
    {
        using var admin = KafkaProperties.Admin(options);
        try
        {
            // asking for one topic by name may create it; asking for all does not
            return admin.GetMetadata(MetadataTimeout).Topics.Find(found => found.Topic == topic && found.Error.Code == ErrorCode.NoError)?.Partitions.Count
                ?? throw new IOException($"{options.BootstrapServers}: has no topic {topic}: create it with 'driftd topics create --topic {topic}'");
        }
        catch (KafkaException exception)
        {
            throw new IOException($"{options.BootstrapServers}: {exception.Error.Reason} ({exception.Error.Code})", exception);
        }
    }

    private void Delivered(DeliveryReport<byte[]?, byte[]> report)
    {
        if (report.Error.IsError)
        {
            Interlocked.CompareExchange(ref _failure, report.Error, null);
        }
        else
        {
            Interlocked.Increment(ref _published);
        }
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } error)
        {
            throw Failed(error);
        }
    }

    private IOException Failed(Error error) => new($"{_servers}: topic {_topic}: {error.Reason} ({error.Code}); {Published} events were published");
}
