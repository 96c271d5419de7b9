using System.Text.Json;
using Streaming.Host;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>An entry into Drift, or a trigger, after so many events.</summary>
internal readonly record struct Alarm(long Events, string Stream, string Detector);

/// <summary>One scenario through both stages, and all that they said.</summary>
internal sealed record ScenarioRun(Scenario Scenario, IReadOnlyList<Alarm> Drifts, IReadOnlyList<Alarm> Triggers)
{
    /// <summary>Triggers before anything changed.</summary>
    public int FalseTriggers => Triggers.Count(trigger => trigger.Events <= Scenario.FirstChanged);

    /// <summary>Events of all partitions from the change to the trigger; null where none came.</summary>
    public long? Delay => Triggers.Where(trigger => trigger.Events > Scenario.FirstChanged)
        .Select(trigger => (long?)trigger.Events - Scenario.FirstChanged).FirstOrDefault();

    /// <summary>Runs it. Cooldown is off, so that no alarm hides another.</summary>
    public static ScenarioRun Of(Scenario scenario)
    {
        var (drifts, triggers, events) = (new List<Alarm>(), new List<Alarm>(), 0L);
        var options = new MonitoringOptions
        {
            LearnFor = scenario.Kind == ScenarioKind.Seasonal ? scenario.Cycle : TimeSpan.Zero,
            Cooldown = TimeSpan.Zero,
        };
        var pipeline = new Pipeline(options, "predictions", scenario.Partitions, record =>
        {
            using var json = JsonDocument.Parse(record.Value);
            var data = json.RootElement.GetProperty("data");
            if (record.Topic == OutputTopic.Triggers)
            {
                triggers.Add(AlarmOf(events, data.GetProperty("evidence")[0]));
            }
            else if (record.Topic == OutputTopic.Signals && data.GetProperty("level").GetString() == "drift")
            {
                drifts.Add(AlarmOf(events, data));
            }
            else if (record.Topic == OutputTopic.DeadLetters)
            {
                throw new InvalidOperationException("an event of the generator was refused");
            }
        });
        foreach (var generated in new EventGenerator(scenario).Events())
        {
            events++;
            pipeline.Process(generated.Partition, generated.Time, generated.Value, generated.Key);
        }

        pipeline.Complete();
        return new ScenarioRun(scenario, drifts, triggers);
    }

    private static Alarm AlarmOf(long events, JsonElement evidence) =>
        new(events, evidence.GetProperty("stream").GetString()!, evidence.GetProperty("detector").GetString()!);
}
