using System.Diagnostics;
using Confluent.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S16: the broker's disk is full.</summary>
[Collection("network")]
[Trait("Faults", "S16")]
[Trait("Form", FullForm.Only)]
public class DiskFullTests(ITestOutputHelper print)
{
    private static readonly TimeSpan Waiting = TimeSpan.FromSeconds(20);

    [SmallDiskFact]
    public async Task A_full_disk_of_the_broker_is_waited_for_and_loses_nothing()
    {
        using var disk = new SmallDisk(256);
        using var kafka = await LocalKafka.Start(new()
        {
            Launcher = disk.Launcher,
            Settings = new Dictionary<string, string> { ["log.dirs"] = Path.Combine(disk.Folder, "data"), ["log.index.size.max.bytes"] = "1048576" },
        });
        using var scene = await Scene.Create(KafkaCluster.Of(kafka), 4);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 16, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        var process = fleet.Start("a");
        await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 5_000, "events flow");
        Assert.Empty(fleet.Said("failing, retrying"));

        disk.Fill();
        print.WriteLine("S16: " + disk.Run("df", "-h", "--output=size,used,avail", disk.Folder).ReplaceLineEndings(" "));
        var watch = Stopwatch.StartNew();
        await fleet.Until(() => process.Live() && !process.Ready(), "it is not ready");
        var noticed = watch.Elapsed;

        // a broker whose only log directory fails ends
        await fleet.Until(() => process.Live() && kafka.HasEnded(), "the broker has given up");
        await fleet.Until(() => process.Live() && !process.Ready() && watch.Elapsed > Waiting, "a while has passed");
        disk.Free();
        await kafka.Restart();
        watch.Restart();
        using var progress = new Progress(scene);
        await Until.True(
            () => process.Live() && process.Ready(),
            () => $"it is ready again\n{fleet.Story()}\n---\n{kafka.Said}\n{Open(progress, "__consumer_offsets")}\n{Open(progress, scene.Topics.Panes)}",
            TimeSpan.FromSeconds(90));
        print.WriteLine($"S16: not ready after {noticed.TotalSeconds:0.0} s, ready {watch.Elapsed.TotalSeconds:0.0} s after the broker had room again");
        foreach (var line in fleet.Said("failing, retrying").Concat(fleet.Said("works again")))
        {
            print.WriteLine("S16: " + line.Trim());
        }

        Assert.Equal((2, 2), (fleet.Said("failing, retrying").Count, fleet.Said("works again").Count));
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        await auditor.Check("S16", live, produced, ("disks filled", 1), ("brokers ended", 1));
    }

    /// <summary>What of a topic lies behind an open transaction.</summary>
    private static string Open(Progress progress, string topic) => topic + ": " + string.Join(", ",
        progress.Ends(topic, IsolationLevel.ReadCommitted).Zip(progress.Ends(topic, IsolationLevel.ReadUncommitted))
            .Select(static ends => $"[{ends.First.Key}] {ends.First.Value} of {ends.Second.Value}"));
}
