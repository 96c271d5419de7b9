using System.Diagnostics;
using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S5 and S6: brokers are killed under load.</summary>
[Collection("network")]
[Trait("Form", FullForm.Only)]
public class BrokerTests(ITestOutputHelper print)
{
    private static readonly TimeSpan ReadyAgain = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Spike = TimeSpan.FromSeconds(30);

    [BrokerFact, Trait("Faults", "S5")]
    public async Task The_only_broker_may_die_again_and_again()
    {
        const int kills = 10;
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 4, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 5, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        var (process, took) = (fleet.Start("a"), new List<double>());
        for (var kill = 0; kill < kills; kill++)
        {
            var mark = process.Sum("driftd_commits_total", "stage=\"detect\"");
            await fleet.Until(() => process.Ready() && process.Sum("driftd_commits_total", "stage=\"detect\"") > mark + 20, "it commits");
            kafka.Kill(0);
            await fleet.Until(() => !process.Ready(), "it is not ready");
            await kafka.Restart(0);
            var watch = Stopwatch.StartNew();
            await fleet.Until(process.Ready, "it is ready again", ReadyAgain);
            took.Add(watch.Elapsed.TotalSeconds);
        }

        print.WriteLine($"S5: ready after the broker's return: {Takeovers.Summary(took)}");
        await End("S5", scene, fleet, feed, live, ("kills of the broker", kills));
    }

    [BrokerFact, Trait("Faults", "S6")]
    public async Task A_coordinator_of_three_brokers_that_dies_in_a_commit_loses_nothing()
    {
        const int rounds = 3;
        await using var kafka = await ProxiedKafka.Start(3);
        using var scene = await Scene.Create(kafka.Cluster, 6, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 6, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        var (process, longest, kills) = (fleet.Start("a"), TimeSpan.Zero, 0);
        for (var round = 0; round < rounds; round++)
        {
            // the transactions' coordinator, then the group's, each with a request of a commit on its way
            foreach (var request in (Request[])[Request.EndTxn, Request.TxnOffsetCommit])
            {
                var mark = process.Sum("driftd_commits_total", "stage=\"detect\"");
                await fleet.Until(() => process.Ready() && process.Sum("driftd_commits_total", "stage=\"detect\"") > mark + 20, "it commits");
                var holds = kafka.Proxies.Select(proxy => proxy.HoldBack(piece => piece.Request == request && piece.Mentions("-detect-"))).ToList();
                await fleet.Until(() => holds.Exists(static hold => hold.Count > 0), "a commit is under way");
                var (coordinator, watch) = (holds.FindIndex(static hold => hold.Count > 0), Stopwatch.StartNew());
                mark = process.Sum("driftd_commits_total", "stage=\"detect\"");
                kafka.Kill(coordinator);
                kills++;
                holds.ForEach(static hold => hold.Release());
                await fleet.Until(() => process.Sum("driftd_commits_total", "stage=\"detect\"") > mark, "it commits through the other two", Spike);
                longest = watch.Elapsed > longest ? watch.Elapsed : longest;
                await kafka.Restart(coordinator);
            }
        }

        print.WriteLine($"S6: {kills} coordinators killed in a commit; longest time from the kill to the next commit {longest.TotalSeconds:0.0} s; {process.Sum("driftd_producer_recycles_total"):0} producers replaced");
        await End("S6", scene, fleet, feed, live, ("coordinators killed", kills));
    }

    private async Task End(string scenario, Scene scene, Fleet fleet, Feed feed, LiveReader live, params (string Name, double Count)[] faults)
    {
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        print.WriteLine(string.Join('\n', fleet.Said("warn:")));
        await fleet.StopAll();
        await auditor.Check(scenario, live, produced, faults);
    }
}
