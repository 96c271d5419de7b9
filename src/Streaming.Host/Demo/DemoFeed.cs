using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>Publishes a scenario to a Kafka that is there, at a pace and with the times of now: something to look at on a dashboard.</summary>
internal sealed class DemoFeed(Scenario scenario, KafkaOptions kafka, string topic, double perSecond)
{
    /// <summary>Publishes all events; says when the world changes.</summary>
    /// <exception cref="IOException">The brokers cannot be reached, have no such topic, or refused an event.</exception>
    public void Run(TextWriter output, CancellationToken stop)
    {
        using var publisher = new EventPublisher(kafka, topic);
        var timed = scenario with
        {
            Begins = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            Lasts = TimeSpan.FromSeconds(scenario.Events / perSecond),
        };
        var pace = new Pace(perSecond, TimeProvider.System, span => stop.WaitHandle.WaitOne(span));
        foreach (var generated in new EventGenerator(timed).Events())
        {
            pace.Next();
            if (stop.IsCancellationRequested)
            {
                break;
            }

            if (generated.Index == timed.FirstChanged)
            {
                Say(output, FormattableString.Invariant($"the world changes at event {generated.Index + 1}, {DateTimeOffset.FromUnixTimeMilliseconds(generated.Time):O}"));
            }

            publisher.Publish(generated.Key, generated.Value);
        }

        // what was handed over is waited for after a stop too: the client gives up by itself
        publisher.Complete(CancellationToken.None);
        Say(output, $"published {publisher.Published} events of {EventGenerator.Model} to {topic} ({publisher.Partitions} partitions)");
    }

    // seen at once where the output is a log
    private static void Say(TextWriter output, string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
