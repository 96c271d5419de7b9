using System.Diagnostics;
using Confluent.Kafka;
using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S4: processes join and leave all the time.</summary>
[Collection("faults")]
[Trait("Faults", "S4")]
public class StormTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private static readonly int[] Short = [1, 4, 2, 4];
    private static readonly int[] Long = [1, 4, 2, 4, 1, 4, 2, 4, 1, 4, 2, 4];

    [BrokerFact]
    public Task Joining_and_leaving_members_lose_nothing_and_double_nothing() => Storm(FullForm.Asked ? Long : Short);

    [BrokerFact, Trait("Form", FullForm.Only)]
    public Task The_same_holds_for_groups_of_the_classic_protocol() =>
        Storm(Long, "kafka.group.protocol: classic", "kafka.session.timeout.ms: 6000", "kafka.heartbeat.interval.ms: 500");

    private async Task Storm(int[] sizes, params string[] lines)
    {
        using var scene = await Scene.Create(cluster, 6, lines: lines);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 2_000_000, seed: 4, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        var (random, started, longest) = (new Random(4), 0, TimeSpan.Zero);
        var (moved, last) = (Stopwatch.StartNew(), 0L);
        foreach (var size in sizes)
        {
            while (fleet.Slots.Count != size)
            {
                if (fleet.Slots.Count < size)
                {
                    fleet.Start($"s{started++}");
                }
                else
                {
                    await fleet.Stop(fleet.Slots.ElementAt(random.Next(fleet.Slots.Count)));
                }

                var (pause, watch) = (TimeSpan.FromSeconds(1 + (3 * random.NextDouble())), Stopwatch.StartNew());
                await fleet.Until(() => Progressed(progress) || watch.Elapsed > pause, "the next one joins or leaves");
                await fleet.Until(() => watch.Elapsed > pause, "the next one joins or leaves");
            }
        }

        var (calm, ends) = (Stopwatch.StartNew(), progress.Ends(scene.Topic, IsolationLevel.ReadUncommitted));
        await fleet.Until(() => Progressed(progress) && progress.AllDetected(ends), "DETECT is where the log ended", TimeSpan.FromSeconds(30));
        print.WriteLine(
            $"S4 {string.Join(' ', lines)}: {started} joined, {started - fleet.Slots.Count} left; longest time without a commit {longest.TotalSeconds:0.0} s; "
            + $"where the log ended {calm.Elapsed.TotalSeconds:0.0} s after the storm");
        await Until.True(() => live.Of(scene.Triggers).Count > 0, "the drift is found", TimeSpan.FromMinutes(2));
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var (revokes, restores) = (fleet.Said(": revoked").Count, fleet.Said(": restored").Count);
        await fleet.StopAll();
        await auditor.Check("S4", live, produced, ("joins", started), ("revokes", revokes), ("restores", restores));
        Assert.True(longest < TimeSpan.FromSeconds(30), $"{longest.TotalSeconds:0.0} s without a commit");

        bool Progressed(Progress of)
        {
            var sum = of.Committed(StageRole.Detect).Values.Sum();
            longest = moved.Elapsed > longest ? moved.Elapsed : longest;
            if (sum != last)
            {
                last = sum;
                moved.Restart();
            }

            return sum > 0;
        }
    }
}
