using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S3: a process that was silent for longer than the session timeout wakes up and still believes that it owns its partitions.</summary>
[Collection("faults")]
[Trait("Faults", "S3")]
[Trait("Form", FullForm.Only)]
public class ZombieTests(KafkaCluster cluster, ITestOutputHelper print)
{
    [BrokerFact]
    public async Task A_zombie_writes_nothing_that_a_reader_sees()
    {
        using var scene = await Scene.Create(cluster, 4);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 400_000, seed: 3, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);

        // one halts with outputs and offsets in its transaction, so that the commit is the first thing it does when it wakes
        var zombie = fleet.Start("zombie", faultPoint: "before-commit:20:stop");
        await Until.True(() => Halted(zombie), "the zombie has halted in its transaction");
        fleet.Start("heir");
        var before = progress.Committed(StageRole.Detect);
        await Until.True(() => progress.Committed(StageRole.Detect).Count == 4
            && progress.Committed(StageRole.Detect).All(at => at.Value > before.GetValueOrDefault(at.Key)), "the heir commits all partitions");
        var taken = progress.Committed(StageRole.Detect);
        fleet.Continue("zombie");
        await fleet.Until(() => fleet.Said("fenced").Count + fleet.Said("partitions lost").Count > 0, "the zombie is refused");

        // once more, at an arbitrary point
        await fleet.Until(() => fleet.Owned("zombie", StageRole.Detect).Count > 0, "the zombie is a member again");
        fleet.Pause("zombie");
        var share = progress.Committed(StageRole.Detect);
        await Until.True(() => progress.Committed(StageRole.Detect).All(at => at.Value > share.GetValueOrDefault(at.Key)), "the heir has taken over again");
        fleet.Continue("zombie");
        await fleet.Until(() => fleet.Said("partitions lost").Count > 1, "the zombie notices");
        await Until.True(() => live.Of(scene.Triggers).Count > 0, "the drift is found", TimeSpan.FromMinutes(2));
        feed.Enough();
        var produced = await feed.Published;

        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var (refused, recycles) = (fleet.Said("partitions lost").Count + fleet.Said("fenced").Count, fleet.Sum("driftd_producer_recycles_total"));
        print.WriteLine(string.Join('\n', fleet.Said("warn:")));
        await fleet.StopAll();
        Assert.All(taken, at => Assert.True(at.Value > before.GetValueOrDefault(at.Key)));
        await auditor.Check("S3", live, produced, ("pauses", 2), ("refusals", refused), ("producers replaced", recycles));
    }

    // state T: stopped by a signal
    private static bool Halted(DriftdProcess process) =>
        File.ReadAllLines($"/proc/{process.Id}/status").Any(static line => line.StartsWith("State:", StringComparison.Ordinal) && line.Contains('T'));
}
