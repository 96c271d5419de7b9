using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>Leaves the group.</summary>
internal static class Closing
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <summary>Closes a consumer; may wait for an unreachable coordinator for ever, so it gets a thread and a deadline of its own.</summary>
    public static void Close(IConsumer<byte[], byte[]> consumer, string name, ILogger log)
    {
        var closing = new Thread(() =>
        {
            try
            {
                consumer.Close();
            }
            catch (KafkaException exception)
            {
                log.LogDebug(LogEvents.NotClosed, "{Stage}: close: {Reason}", name, exception.Error.Reason);
            }
            finally
            {
                consumer.Dispose();
            }
        })
        { IsBackground = true, Name = name + "-close" };
        closing.Start();
        closing.Join(Deadline);
    }
}
