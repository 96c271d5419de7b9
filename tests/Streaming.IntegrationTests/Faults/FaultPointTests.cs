using System.Globalization;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S2: a process dies exactly between the offsets and the commit, right after the commit, and while it reads state back.</summary>
[Collection("faults")]
[Trait("Faults", "S2")]
public partial class FaultPointTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private static readonly string[] Points = ["before-commit:1", "after-commit:2", "before-commit:4", "in-restore:2"];

    [BrokerFact]
    public async Task A_process_that_dies_at_a_commit_or_in_a_restore_goes_on_from_the_last_commit()
    {
        using var scene = await Scene.Create(cluster, 4);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 400_000, seed: 2, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        await Task.WhenAll(DieEverywhere(scene, fleet, StageRole.Detect), DieEverywhere(scene, fleet, StageRole.Decide));
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var restores = fleet.Sum("driftd_restores_total");
        await fleet.StopAll();
        await auditor.Check("S2", live, produced, ("kills", fleet.Kills), ("partitions restored by the last two", restores));
    }

    /// <summary>One death at each point, each time in a new process; a last one goes on.</summary>
    private async Task DieEverywhere(Scene scene, Fleet fleet, StageRole role)
    {
        using var progress = new Progress(scene);
        var roles = role.ToString().ToLowerInvariant();
        foreach (var point in Points)
        {
            fleet.Start(roles, roles, point);
            await fleet.Died(roles);

            if (point.StartsWith("after-commit", StringComparison.Ordinal))
            {
                // a commit has come back before its markers are written everywhere
                await Until.True(() => !IsOpen(), "the commit is complete");
            }

            // what the dead left in an open transaction is not in the group's offsets, what it committed is
            var (open, committed) = (IsOpen(), progress.Committed(role));
            print.WriteLine(
                $"S2: {roles} died at {point}; open transaction: {open}; committed "
                + string.Join(", ", committed.OrderBy(static at => at.Key).Select(static at => $"[{at.Key}] {at.Value}")));
            if (point.StartsWith("before-commit", StringComparison.Ordinal))
            {
                Assert.True(open, "no transaction was left open");
            }

            Assert.True(point == Points[0] ? committed.Count == 0 : committed.Values.Sum() > 0, $"{committed.Count} partitions have a committed offset after {point}");
            var next = fleet.Start(roles, roles);
            await fleet.Until(() => Restored(next, scene.Input(role)).Count == 4, $"{roles} has its partitions back after {point}");
            foreach (var (partition, at) in Restored(next, scene.Input(role)))
            {
                Assert.Equal((partition, committed.GetValueOrDefault(partition, -1)), (partition, at));
            }

            var before = progress.Committed(role).Values.Sum();
            await fleet.Until(() => progress.Committed(role).Values.Sum() > before, $"{roles} commits after {point}");
            if (point != Points[^1])
            {
                await fleet.Stop(roles);
            }
        }

        bool IsOpen() => progress.Ends(scene.Topics.State(role), IsolationLevel.ReadCommitted).Values.Sum()
            < progress.Ends(scene.Topics.State(role), IsolationLevel.ReadUncommitted).Values.Sum();
    }

    /// <summary>Partitions that a process says it has restored, and the committed offset of each; -1 where there was none.</summary>
    private static Dictionary<int, long> Restored(DriftdProcess process, string topic) => process.Errors
        .Where(static line => line.Contains(": restored ", StringComparison.Ordinal))
        .SelectMany(static line => PartitionText().Matches(line))
        .Where(found => found.Groups["topic"].Value == topic)
        .ToDictionary(
            static found => int.Parse(found.Groups["partition"].Value, CultureInfo.InvariantCulture),
            static found => found.Groups["at"].Value == "nothing" ? -1 : long.Parse(found.Groups["at"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<topic>\S+) \[(?<partition>\d+)\] from [^(]+\(committed (?<at>\w+)\)")]
    private static partial Regex PartitionText();
}
