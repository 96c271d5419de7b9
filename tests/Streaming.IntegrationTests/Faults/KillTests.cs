using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S1: one of three processes is killed every few seconds while events stream in.</summary>
[Collection("faults")]
[Trait("Faults", "S1")]
public class KillTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private const int Seed = 1;

    private static readonly string[] Slots = ["a", "b", "c"];

    /// <summary>Session timeout, transaction timeout, five seconds.</summary>
    private static readonly TimeSpan Bound = Scene.SessionTimeout + Scene.TransactionTimeout + TimeSpan.FromSeconds(5);

    [BrokerFact]
    public async Task Killing_one_of_three_again_and_again_loses_nothing_and_doubles_nothing()
    {
        var (kills, events, perSecond) = FullForm.Asked ? (30, 1_000_000L, 5_000) : (5, 150_000L, 4_000);
        using var scene = await Scene.Create(cluster, 6);
        using var live = new LiveReader(scene);
        await using var fleet = new Fleet(scene);
        foreach (var slot in Slots)
        {
            fleet.Start(slot);
        }

        await fleet.Until(() => Slots.Sum(slot => fleet.Owned(slot, StageRole.Detect).Count) == 6, "the three share the partitions");
        using var feed = new Feed(scene, events, Seed, perSecond);
        using var takeovers = new Takeovers(scene);
        await KillEveryFewSeconds(fleet, takeovers, kills);
        await fleet.Until(takeovers.AllDone, "all partitions have an owner again");
        var produced = await feed.Published;

        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var restores = fleet.Said("restored").Count;
        await fleet.StopAll();
        await auditor.Check("S1", live, produced, ("kills", fleet.Kills), ("restores", restores));
        Report(fleet, takeovers.Done);
    }

    private static async Task KillEveryFewSeconds(Fleet fleet, Takeovers takeovers, int kills)
    {
        var random = new Random(Seed);
        for (var kill = 0; kill < kills; kill++)
        {
            using var pause = new PeriodicTimer(TimeSpan.FromSeconds(3 + (5 * random.NextDouble())));
            await pause.WaitForNextTickAsync();
            var victim = Slots[random.Next(Slots.Length)];
            var owned = fleet.Owned(victim, StageRole.Detect);
            await fleet.Kill(victim);
            takeovers.Killed(owned);
            fleet.Start(victim);
        }
    }

    private void Report(Fleet fleet, IReadOnlyList<Takeovers.Kill> takeovers)
    {
        var (waits, reads) = Takeovers.Restores(fleet);
        var undisturbed = takeovers.Where(static kill => !kill.Disturbed).ToList();
        print.WriteLine($"S1: takeover of DETECT's partitions, kill to commit: {Takeovers.Summary(takeovers.Select(static kill => kill.Seconds))}; "
            + $"without another kill meanwhile: {Takeovers.Summary(undisturbed.Select(static kill => kill.Seconds))}");
        print.WriteLine($"S1: of it, waiting for open transactions: {Takeovers.Summary(waits)}; reading state: {Takeovers.Summary(reads)}; the rest is detection");
        Assert.NotEmpty(takeovers);
        Assert.All(takeovers, static kill => Assert.True(
            kill.SecondsSinceLastKill <= Bound.TotalSeconds, $"{kill.SecondsSinceLastKill:0.0} s after the last kill a partition stood still"));
        Assert.All(undisturbed, static kill => Assert.True(kill.Seconds <= Bound.TotalSeconds, $"takeover took {kill.Seconds:0.0} s"));
    }
}
