using System.Diagnostics;
using Confluent.Kafka;
using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S8, S9 and S10: the network between driftd and its broker breaks, in whole or in part, or is slow.</summary>
[Collection("network")]
[Trait("Form", FullForm.Only)]
public class NetworkTests(ITestOutputHelper print)
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(15);

    private static readonly Request[] ToCoordinators =
        [Request.OffsetFetch, Request.InitProducerId, Request.AddPartitionsToTxn, Request.AddOffsetsToTxn, Request.EndTxn, Request.TxnOffsetCommit, Request.ConsumerGroupHeartbeat];

    [BrokerFact, Trait("Faults", "S8")]
    public async Task A_network_that_swallows_everything_costs_readiness_and_nothing_else()
    {
        var blackhole = TimeSpan.FromSeconds(FullForm.Asked ? 90 : 45);
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 4, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 8, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        var process = fleet.Start("a");
        await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 5_000, "events flow");

        var (before, watch) = (Resident(process), Stopwatch.StartNew());
        var hold = kafka.Proxies[0].HoldBack(static _ => true);
        await fleet.Until(() => Alive(process) && !process.Ready(), "it is not ready", Promised);
        var noticed = watch.Elapsed;
        var highest = before;
        await fleet.Until(
            () =>
            {
                highest = Math.Max(highest, Resident(process));
                return Alive(process) && !process.Ready() && watch.Elapsed > blackhole;
            },
            "the time of the blackhole is over", blackhole + TimeSpan.FromSeconds(10));
        hold.Release();
        watch.Restart();
        await fleet.Until(() => Alive(process) && process.Ready(), "it is ready again");
        print.WriteLine($"S8: blackhole of {blackhole.TotalSeconds:0} s: not ready after {noticed.TotalSeconds:0.0} s, ready {watch.Elapsed.TotalSeconds:0.0} s after its end; "
            + $"resident {before} MiB before, at most {highest} MiB during it");

        // once more, and a stop in the middle of it
        using var progress = new Progress(scene);
        var mark = Sum(progress);
        await fleet.Until(() => Sum(progress) > mark, "it commits again");
        hold = kafka.Proxies[0].HoldBack(static _ => true);
        await fleet.Until(() => !process.Ready(), "it is not ready", Promised);
        watch.Restart();
        await fleet.Stop("a");
        var stopped = watch.Elapsed;
        hold.Release();
        print.WriteLine($"S8: stop during the blackhole: exit 0 after {stopped.TotalSeconds:0.0} s");

        fleet.Start("a");
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        await auditor.Check("S8", live, produced, ("blackholes", 2), ("connections held", hold.Count));
        Assert.True(stopped <= Promised, $"the stop took {stopped.TotalSeconds:0.0} s");
        Assert.True(highest < before + 100, $"{before} MiB grew to {highest} MiB");
    }

    [BrokerFact, Trait("Faults", "S9")]
    public async Task Without_answers_of_the_coordinators_nothing_is_written_though_records_arrive()
    {
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 4, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 9, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        var process = fleet.Start("a");
        await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 5_000, "events flow");

        var (watch, fetched) = (Stopwatch.StartNew(), 0);
        var hold = kafka.Proxies[0].HoldBack(static piece => !piece.ToBroker && piece.Connection.Carried(ToCoordinators));
        kafka.Proxies[0].Watch(request => Interlocked.Add(ref fetched, request == Request.Fetch ? 1 : 0));
        await fleet.Until(() => Alive(process) && !process.Ready(), "it is not ready", Promised);

        // what was under way may still be committed or aborted by the broker; from then on nothing comes
        await fleet.Until(() => Alive(process) && watch.Elapsed > Promised + Scene.TransactionTimeout, "transactions under way are over");
        var (panes, resident, fetchedBefore) = (Panes(progress, scene), Resident(process), fetched);
        await fleet.Until(() => Alive(process) && watch.Elapsed > 3 * Promised, "a while has passed");
        Assert.Equal(panes, Panes(progress, scene));
        var (grown, fetches) = (Resident(process) - resident, fetched - fetchedBefore);
        hold.Release();
        watch.Restart();
        await fleet.Until(() => Alive(process) && process.Ready() && Panes(progress, scene) > panes, "it is ready again and writes");
        print.WriteLine($"S9: no output for {2 * Promised.TotalSeconds:0} s, {fetches} fetches meanwhile, resident memory grew by {grown} MiB; writes again {watch.Elapsed.TotalSeconds:0.0} s after the coordinators were heard again");
        await End("S9", scene, fleet, feed, live, ("answers cut", hold.Count), ("fetches", fetches));
    }

    [BrokerFact, Trait("Faults", "S10")]
    public async Task A_slow_network_causes_no_rebalance_and_what_waits_is_taken_once_it_is_fast_again()
    {
        var slow = TimeSpan.FromSeconds(FullForm.Asked ? 60 : 30);
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 4, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 10, perSecond: 3_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        var process = fleet.Start("a");
        await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 5_000, "events flow");

        var (rebalances, commits) = (process.Sum("driftd_rebalances_total"), process.Sum("driftd_commits_total"));
        kafka.Proxies[0].Slow(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(100), 256 << 10);
        var (watch, most) = (Stopwatch.StartNew(), 0.0);
        await fleet.Until(
            () =>
            {
                Assert.True(Alive(process));
                most = Math.Max(most, process.Sum("driftd_consumer_lag_records", "stage=\"detect\""));
                return watch.Elapsed > slow;
            },
            "the slow time is over");
        var meanwhile = process.Sum("driftd_commits_total") - commits;
        kafka.Proxies[0].Slow(TimeSpan.Zero, TimeSpan.Zero, 0);
        watch.Restart();
        await fleet.Until(() => process.Ready() && process.Sum("driftd_consumer_lag_records", "stage=\"detect\"") < 3_000, "the lag has gone");
        print.WriteLine($"S10: {slow.TotalSeconds:0} s of 200 ± 100 ms each way and 256 kB/s: {meanwhile:0} commits, lag at most {most:0} records, below a second's worth {watch.Elapsed.TotalSeconds:0.0} s after it");
        Assert.Equal(rebalances, process.Sum("driftd_rebalances_total"));
        Assert.Empty(fleet.Said("partitions lost"));
        await End("S10", scene, fleet, feed, live, ("commits over the slow network", meanwhile), ("records of lag", most));
    }

    private static bool Alive(DriftdProcess process)
    {
        Assert.True(process.Live(), string.Join('\n', process.Errors));
        return true;
    }

    private static long Sum(Progress progress) => progress.Committed(StageRole.Detect).Values.Sum();

    private static long Panes(Progress progress, Scene scene) => progress.Ends(scene.Topics.Panes, IsolationLevel.ReadCommitted).Values.Sum();

    /// <summary>MiB.</summary>
    private static long Resident(DriftdProcess process) => process.Resident() >> 20;

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
