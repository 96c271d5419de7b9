using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>When the group's coordinator last answered: a commit, or a question asked where there was nothing to commit.</summary>
/// <remarks>An idle client says nothing of brokers that are away and nothing of their return, so somebody has to ask.</remarks>
internal sealed class Contact(IConsumer<byte[], byte[]> consumer, TopicPartition any, Access access, TimeProvider clock)
{
    // what a transaction left open holds up the answer for, and a broker that died may leave one open for long: of a partition that never is nothing is
    private const int NoPartition = int.MaxValue;

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    // above the time that a broker which has just started takes to load its groups
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(15);

    private long? _brokersAnswer;
    private long _asked = clock.GetTimestamp();

    /// <summary>Time of the last answer, in ticks of the clock.</summary>
    public long At { get; private set; } = clock.GetTimestamp();

    /// <summary>A partition of a topic for which any group's coordinator answers at once.</summary>
    public static TopicPartition Anywhere(string topic, KafkaOptions options) => new(topic, options.IsEmbedded ? 0 : NoPartition);

    /// <summary>A commit has come back.</summary>
    public void Made()
    {
        At = _asked = clock.GetTimestamp();
        access.Answered();
    }

    /// <summary>Ends a membership that brokers refuse to go on with.</summary>
    /// <remarks>Not at the first word: of several brokers one alone may have a certificate that has expired.</remarks>
    /// <exception cref="AccessRefusedException">They refuse, and no answer came for a while.</exception>
    public void ThrowIfRefused()
    {
        if (access.Refused is not null && clock.GetElapsedTime(At) > Silent)
        {
            access.ThrowIfRefused();
        }
    }

    /// <summary>Asks, where nothing was heard for a while; whether the coordinator answers, as far as is known.</summary>
    /// <exception cref="OwnershipLostException">Brokers answer for a while, the coordinator does not: this client may have lost its way to it.</exception>
    public bool Answers(Patience patience)
    {
        if (!patience.IsFailing && clock.GetElapsedTime(_asked) < AskEvery)
        {
            return true;
        }

        try
        {
            _asked = clock.GetTimestamp();
            consumer.Committed([any], Timeout);
            _brokersAnswer = null;
            Made();
            patience.Succeeded();
            return true;
        }
        catch (KafkaException exception) when (Faults.IsDenied(exception.Error.Code))
        {
            throw new AccessRefusedException(NeededAcls.Denied("Read on the group"));
        }
        catch (KafkaException exception)
        {
            patience.Notice("the group's coordinator", $"{exception.Error.Reason} ({exception.Error.Code})");
            ThrowIfDeaf(exception.Error);
            return false;
        }
    }

    private void ThrowIfDeaf(Error error)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            admin.GetMetadata(any.Topic, Glance);
        }
        catch (KafkaException)
        {
            _brokersAnswer = null;
            return;
        }

        _brokersAnswer ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(_brokersAnswer.Value) > Deaf)
        {
            throw new OwnershipLostException($"brokers answer, the group's coordinator does not: {error.Reason} ({error.Code})");
        }
    }
}
