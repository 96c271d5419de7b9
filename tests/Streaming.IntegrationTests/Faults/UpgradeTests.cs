using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S19: an upgrade that changes the layout of state, its way back, and both versions side by side.</summary>
[Collection("faults")]
[Trait("Faults", "S19")]
[Trait("Form", FullForm.Only)]
public class UpgradeTests(KafkaCluster cluster, NextBuild next, ITestOutputHelper print) : IClassFixture<NextBuild>
{
    [BrokerFact]
    public async Task An_upgrade_goes_on_where_the_former_version_was_and_the_way_back_is_refused_by_name()
    {
        using var scene = await Scene.Create(cluster, 4);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 191, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        fleet.Start("former");
        await fleet.Until(() => Committed(progress) > 20_000, "state is written");
        await fleet.Stop("former");
        var newer = fleet.Start("next", program: [next.Program]);
        var before = Committed(progress);
        await fleet.Until(() => Committed(progress) > before + 20_000, "the next version goes on");
        await fleet.Stop("next");

        fleet.Start("back");
        await fleet.GaveUp("back");
        var refusal = Refusal(fleet);
        Assert.NotNull(refusal);

        fleet.Start("again", program: [next.Program]);
        await fleet.Until(() => Committed(progress) > before + 30_000, "the next version goes on again");
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print) { AsHere = NextBuild.InFormerLayout };
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        print.WriteLine("S19: " + refusal);
        Assert.Contains(newer.Errors, static line => line.Contains("detect: restored", StringComparison.Ordinal) && !line.Contains("from the beginning", StringComparison.Ordinal));
        await auditor.Check("S19", live, produced, ("upgrades", 2), ("refusals", 1), ("records of state in the next layout", Newer(scene)));
    }

    [BrokerFact]
    public async Task Both_versions_share_the_work_until_the_former_would_inherit_from_the_next_and_gives_up()
    {
        using var scene = await Scene.Create(cluster, 6);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 192, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        fleet.Start("a");
        fleet.Start("b");
        await fleet.Until(() => fleet.Slots.All(slot => fleet.Owned(slot, StageRole.Detect).Count == 3), "the two share the partitions");
        await fleet.Until(() => Committed(progress) > 10_000, "state is written");
        await fleet.Stop("a");
        fleet.Start("a", program: [next.Program]);
        await fleet.Until(() => fleet.Slots.All(slot => fleet.Owned(slot, StageRole.Detect).Count == 3), "both versions share the partitions");
        var mark = progress.Committed(StageRole.Detect);
        await fleet.Until(() => progress.Committed(StageRole.Detect).All(at => at.Value > mark.GetValueOrDefault(at.Key) + 5_000), "all partitions go on side by side");
        var newer = 0;
        await fleet.Until(() => (newer = Newer(scene)) > 0, "state of the next version is written");

        // an upgrade that goes well ends here; in this one the new instance dies before the last former one is replaced
        await fleet.Kill("a");
        await fleet.GaveUp("b");
        var refusal = Refusal(fleet);
        Assert.NotNull(refusal);
        fleet.Start("a", program: [next.Program]);
        fleet.Start("b", program: [next.Program]);
        var before = Committed(progress);
        await fleet.Until(() => Committed(progress) > before + 10_000, "the next version goes on");
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print) { AsHere = NextBuild.InFormerLayout };
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        print.WriteLine("S19: " + refusal);
        await auditor.Check("S19", live, produced, ("records of state in the next layout while both ran", newer), ("kills", fleet.Kills), ("former versions that gave up", 1));
    }

    private static long Committed(Progress progress) => progress.Committed(StageRole.Detect).Values.Sum();

    private static string? Refusal(Fleet fleet) => fleet.Said("cannot be read").Find(static line =>
        line.Contains("offset ", StringComparison.Ordinal) && line.Contains($"expected version {StateSummary.Layout}, found {StateSummary.Layout + 1}", StringComparison.Ordinal))?.Trim();

    private static int Newer(Scene scene)
    {
        using var envelope = new StateEnvelope();
        return ((StageRole[])[StageRole.Detect, StageRole.Decide])
            .SelectMany(role => Log.Read(scene.Servers, scene.Topics.State(role)))
            .Where(static record => record.Message.Value is not null && StateKey.Decode(record.Message.Key) is { Kind: StateKind.Monitor })
            .Count(record => envelope.Unpack([(record.Message.Key, record.Message.Value)])[0] == StateSummary.Layout + 1);
    }
}
