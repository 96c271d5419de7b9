using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S21: faults of all kinds, drawn by a seed, for twenty minutes.</summary>
[Collection("network")]
[Trait("Faults", "soak")]
[Trait("Form", FullForm.Only)]
public class SoakTests(ITestOutputHelper print)
{
    private const int Seed = 21;
    private const string Steady = "steady";

    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(
        double.Parse(Environment.GetEnvironmentVariable("DRIFTD_SOAK_MINUTES") ?? "20", CultureInfo.InvariantCulture));

    private readonly Random _random = new(Seed);
    private readonly SortedDictionary<string, int> _faults = [];
    private readonly List<(double Minute, double Resident, double Handles, double Threads)> _samples = [];

    [BrokerFact]
    public async Task Random_faults_leave_no_trace_in_outputs_and_no_slope_in_memory_handles_and_threads()
    {
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 6, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        await using var fleet = new Fleet(scene);
        foreach (var slot in (string[])[Steady, "b", "c"])
        {
            fleet.Start(slot);
        }

        await fleet.Until(() => fleet[Steady].Ready(), "it is ready");
        using var feed = new Feed(scene, 100_000_000, Seed, perSecond: 500, changeAt: 100_000);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Lasts)
        {
            await Fault(kafka, fleet, watch);
            await Pass(fleet, watch, TimeSpan.FromSeconds(5 + (10 * _random.NextDouble())));
        }

        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet, TimeSpan.FromMinutes(5));
        var counted = (Aborts: fleet.Sum("driftd_aborts_total"), Recycles: fleet.Sum("driftd_producer_recycles_total"), Lost: fleet.Said("partitions lost").Count);
        await fleet.StopAll();
        print.WriteLine($"S21: {watch.Elapsed.TotalMinutes:0} min, seed {Seed}: {string.Join(", ", _faults.Select(static fault => $"{fault.Value} x {fault.Key}"))}; "
            + $"{counted.Aborts} aborts, {counted.Recycles} producers replaced, {counted.Lost} times partitions lost");
        Slopes();
        await auditor.Check("S21", live, produced, [.. _faults.Select(static fault => (fault.Key, (double)fault.Value))]);
    }

    private async Task Fault(ProxiedKafka kafka, Fleet fleet, Stopwatch watch)
    {
        var (other, any) = (_random.Next(2) == 0 ? "b" : "c", fleet.Slots.Order(StringComparer.Ordinal).ElementAt(_random.Next(3)));
        var time = TimeSpan.FromSeconds(3 + (12 * _random.NextDouble()));
        var name = _random.Next(6) switch { 0 => "kill", 1 => "stop", 2 => "pause", 3 => "broker killed", 4 => "blackhole", _ => "slow network" };
        _faults[name] = _faults.GetValueOrDefault(name) + 1;
        switch (name)
        {
            case "kill":
                await fleet.Kill(other);
                fleet.Start(other);
                break;
            case "stop":
                await fleet.Stop(other);
                fleet.Start(other);
                break;
            case "pause":
                fleet.Pause(any);
                await Pass(fleet, watch, time);
                fleet.Continue(any);
                break;
            case "broker killed":
                kafka.Kill(0);
                await Pass(fleet, watch, time);
                await kafka.Restart(0);
                break;
            case "blackhole":
                using (kafka.Proxies[0].HoldBack(static _ => true))
                {
                    await Pass(fleet, watch, time);
                }

                break;
            default:
                kafka.Proxies[0].Slow(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(100), 256 << 10);
                await Pass(fleet, watch, time);
                kafka.Proxies[0].Slow(TimeSpan.Zero, TimeSpan.Zero, 0);
                break;
        }
    }

    /// <summary>Lets time go by, and looks at the process that nobody kills.</summary>
    private async Task Pass(Fleet fleet, Stopwatch watch, TimeSpan time)
    {
        var process = fleet[Steady];
        _samples.Add((watch.Elapsed.TotalMinutes, process.Resident() / 1048576.0, Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length,
            Directory.GetFileSystemEntries($"/proc/{process.Id}/task").Length));
        var begin = watch.Elapsed;
        await fleet.Until(() => watch.Elapsed - begin > time, "time goes by");
    }

    /// <summary>Least squares over all but the first quarter, in which code is compiled and references are learnt.</summary>
    private void Slopes()
    {
        var settled = _samples.Where(sample => sample.Minute > Lasts.TotalMinutes / 4).ToList();
        foreach (var (name, value, most) in (List<(string, Func<(double Minute, double Resident, double Handles, double Threads), double>, double)>)
            [("resident MiB", static sample => sample.Resident, 1), ("handles", static sample => sample.Handles, 0.5), ("threads", static sample => sample.Threads, 0.2)])
        {
            var (x, y) = (settled.Average(static sample => sample.Minute), settled.Average(value));
            var slope = settled.Sum(sample => (sample.Minute - x) * (value(sample) - y)) / settled.Sum(sample => (sample.Minute - x) * (sample.Minute - x));
            print.WriteLine($"S21: {name}: {settled.Min(value):0} to {settled.Max(value):0}, mean {y:0}, slope {slope:+0.00;-0.00} a minute over {settled.Count} samples");
            Assert.True(slope < most, $"{name} grow by {slope:0.00} a minute");
        }
    }
}
