using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>When the group's coordinator last answered: a commit, or a question asked where there was nothing to commit.</summary>
/// <remarks>An idle client says nothing of brokers that are away and nothing of their return, so somebody has to ask.</remarks>
internal sealed class Contact(IConsumer<byte[], byte[]> consumer, TopicPartition any, TimeProvider clock, string stage, ILogger log)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private long _asked = clock.GetTimestamp();
    private long? _silentSince;

    /// <summary>Time of the last answer, in ticks of the clock.</summary>
    public long At { get; private set; } = clock.GetTimestamp();

    /// <summary>A commit has come back.</summary>
    public void Made()
    {
        At = _asked = clock.GetTimestamp();
        if (_silentSince is { } since)
        {
            _silentSince = null;
            log.LogInformation("{Stage}: the group's coordinator answers again after {Seconds:0.0} s", stage, clock.GetElapsedTime(since).TotalSeconds);
        }
    }

    /// <summary>Asks, where nothing was heard for a while.</summary>
    public void Ask()
    {
        if (clock.GetElapsedTime(_asked) < AskEvery)
        {
            return;
        }

        try
        {
            consumer.Committed([any], Timeout);
            Made();
        }
        catch (KafkaException exception)
        {
            _asked = clock.GetTimestamp();
            if (_silentSince is null)
            {
                _silentSince = At;
                log.LogWarning("{Stage}: the group's coordinator does not answer, asking again: {Reason} ({Code})", stage, exception.Error.Reason, exception.Error.Code);
            }
        }
    }
}
