using System.Text.Json.Nodes;
using Confluent.Kafka;
using Streaming.Host;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S17: records from the future.</summary>
[Collection("faults")]
[Trait("Faults", "S17")]
[Trait("Form", FullForm.Only)]
public class ClockTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private const int Events = 100_000;
    private const long Year = 365L * 86_400_000;

    [BrokerFact]
    public async Task Events_a_year_ahead_of_the_others_move_no_clock_and_hide_no_drift()
    {
        using var scene = await Scene.Create(cluster, 4);
        using var live = new LiveReader(scene);
        await using var fleet = new Fleet(scene);
        var process = fleet.Start("a");
        var ahead = await Task.Run(() => Publish(scene));
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var clamped = process.Sum("driftd_clamped_times_total");
        await fleet.StopAll();
        await auditor.Check("S17", live, Events, ("events a year ahead", ahead), ("times clamped", clamped));
        Assert.Equal(ahead, clamped);
        var panes = Log.Read(scene.Servers, scene.Topics.Panes).Select(static record => PaneCodec.Decode(record.Message.Value)).ToList();
        var latest = DateTimeOffset.FromUnixTimeMilliseconds(panes.Max(static pane => pane.Watermark));
        print.WriteLine($"S17: latest watermark {(latest - DateTimeOffset.UtcNow).TotalMinutes:0.0} min from now, largest pane {panes.Max(static pane => pane.Events)} events");
        Assert.True(latest < DateTimeOffset.UtcNow.AddHours(2), $"a watermark of {latest}");
    }

    /// <summary>A seeded scenario with a drift at its middle; before it, one event in a thousand says that it is a year later.</summary>
    private static int Publish(Scene scene)
    {
        using var producer = Feed.Producer(scene.Servers);
        var (ahead, begin) = (0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var scenario = new Scenario { Kind = ScenarioKind.Credit, Seed = 17, Events = Events, Partitions = scene.Partitions, Shift = 0.2, ChangeAt = Events / 2 };
        foreach (var one in new EventGenerator(scenario).Events())
        {
            var (value, at) = (one.Value, begin + one.Time - EventGenerator.Start);
            if (one.Index % 1_000 == 500 && one.Index < Events / 2)
            {
                var json = JsonNode.Parse(value)!;
                json["time"] = at + Year;
                value = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
                ahead++;
            }

            Feed.Send(producer, new TopicPartition(scene.Topic, one.Partition), one.Key, value, at);
        }

        producer.Flush(CancellationToken.None);
        return ahead;
    }
}
