using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S17: records from the future, and processes whose clocks are wrong.</summary>
[Collection("faults")]
[Trait("Faults", "S17")]
[Trait("Form", FullForm.Only)]
public class ClockTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private const int Events = 100_000;
    private const long Day = 86_400;
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

    [FakeClockFact]
    public async Task Clocks_that_are_a_day_off_or_jump_by_half_a_minute_change_no_byte()
    {
        using var scene = await Scene.Create(cluster, 6);
        using var live = new LiveReader(scene);
        using var clock = new FakeClock();
        clock.Set("ahead", Day);
        clock.Set("behind", -Day);
        clock.Set("jumps", 0);
        await using var fleet = new Fleet(scene);
        var (ahead, behind) = (fleet.Start("ahead", variables: clock.Of("ahead")), fleet.Start("behind", variables: clock.Of("behind")));
        fleet.Start("jumps", variables: clock.Of("jumps"));
        await fleet.Until(() => fleet.Slots.All(slot => fleet.Owned(slot, StageRole.Detect).Count == 2), "the three share the partitions");
        using var feed = new Feed(scene, 120_000, seed: 17, perSecond: 3_000);
        using var progress = new Progress(scene);
        var (random, jumps, watch) = (new Random(17), 0, Stopwatch.StartNew());
        await fleet.Until(
            () =>
            {
                if (jumps < watch.Elapsed.TotalSeconds)
                {
                    clock.Set("jumps", random.Next(-30, 31));
                    jumps++;
                }

                return jumps > 20 && progress.Committed(StageRole.Detect).Values.Sum() > 60_000;
            },
            "half is committed");
        var (early, late) = (HoursOff(behind), HoursOff(ahead));

        // its partitions go to clocks that are behind
        await fleet.Kill("ahead");
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var (failed, lost) = (fleet.Said("failing, retrying"), fleet.Said("partitions lost"));
        await fleet.StopAll();
        print.WriteLine($"S17: clocks {late:+0.0;-0.0} h and {early:+0.0;-0.0} h off as the logs of the two say, a third jumped {jumps} times within 30 s of the truth");
        await auditor.Check(
            "S17", live, produced, ("jumps", jumps), ("hours ahead", late), ("hours behind", -early), ("kills", fleet.Kills));
        Assert.True(failed.Count + lost.Count == 0, string.Join('\n', failed.Concat(lost)));
    }

    /// <summary>How far the clock of a process is from the truth, by the time that its newest line of log begins with.</summary>
    private static double HoursOff(DriftdProcess process)
    {
        var line = process.Errors.Last(static line => line.Contains("detect: restored", StringComparison.Ordinal));
        return Math.Round((DateTimeOffset.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture) - DateTimeOffset.UtcNow).TotalHours, 1);
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
