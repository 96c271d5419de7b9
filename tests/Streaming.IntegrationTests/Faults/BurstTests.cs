using System.Diagnostics;
using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S13: a backlog that is far larger than the memory there is.</summary>
[Collection("faults")]
[Trait("Faults", "S13")]
[Trait("Form", FullForm.Only)]
public class BurstTests(KafkaCluster cluster, ITestOutputHelper print)
{
    private const int Events = 5_000_000;
    private const long Cap = 512L << 20;

    [BrokerFact]
    public async Task Five_million_events_that_wait_are_taken_within_512_MiB()
    {
        using var scene = await Scene.Create(cluster, 4);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, Events, seed: 13, changeAt: Events / 2);
        var produced = await feed.Published;

        using var cap = MemoryCap.Of(Cap);
        await using var fleet = new Fleet(scene);
        using var progress = new Progress(scene);
        var process = fleet.Start("a", program: [.. cap?.Launcher ?? [], DriftdProcess.Program]);
        await fleet.Until(() => process.Url() is not null, "it serves");
        var (watch, most, samples, wrongLag) = (Stopwatch.StartNew(), 0.0, 0, 0.0);
        await fleet.Until(
            () =>
            {
                var before = Committed(progress);
                var text = process.Metrics();
                var (bound, resident) = (DriftdProcess.Sum(text, "driftd_memory_bound_bytes"), process.Resident());
                Assert.True(bound > 0 && resident <= bound, $"{resident >> 20} MiB resident, bound {bound / (1 << 20):0} MiB");
                (most, samples) = (Math.Max(most, (double)resident / bound), samples + 1);
                if (before > 0 && DriftdProcess.Sum(text, "driftd_consumer_lag_records", "stage=\"detect\"") is var lag)
                {
                    // the truth was between the two when the metric was made
                    var (more, less) = (produced - before, produced - Committed(progress));
                    wrongLag = Math.Max(wrongLag, Math.Max(lag - more, less - lag) / produced);
                }

                return Committed(progress) >= produced;
            },
            "the backlog is taken", TimeSpan.FromMinutes(10));
        var (took, highest, bound) = (watch.Elapsed, process.Resident(most: true), process.Sum("driftd_memory_bound_bytes"));
        var printed = Assert.Single(process.Errors, static line => line.Contains("memory: at most ", StringComparison.Ordinal));

        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet, TimeSpan.FromMinutes(5));
        await fleet.StopAll();
        print.WriteLine(
            $"S13: {produced} events in {took.TotalSeconds:0} s, {(cap is null ? "no control group may be made here, sampled alone" : "control group of 512 MiB")}; "
            + $"resident at most {highest >> 20} MiB, bound {bound / (1 << 20):0} MiB, at most {most:P0} of it in {samples} samples; "
            + $"lag metric wrong by at most {wrongLag:P2} of the backlog");
        print.WriteLine("S13: " + printed.Trim());
        await auditor.Check("S13", live, produced, ("events that waited", produced), ("samples", samples));
        Assert.True(highest <= Cap && highest <= bound, $"{highest >> 20} MiB resident, bound {bound / (1 << 20):0} MiB");
        Assert.True(wrongLag < 0.01, $"lag wrong by {wrongLag:P2}");
        Assert.Empty(fleet.Said("partitions lost"));
    }

    private static long Committed(Progress progress) => progress.Committed(StageRole.Detect).Values.Sum();
}
