using System.Diagnostics;
using System.Text.RegularExpressions;
using Streaming.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>Processes of driftd that share the work of one scenario, each with a slot; they are killed, paused and started again.</summary>
internal sealed partial class Fleet(Scene scene) : IAsyncDisposable
{
    private const int Killed = 128 + 9;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, DriftdProcess> _running = [];
    private readonly List<DriftdProcess> _all = [];
    private readonly Dictionary<string, double> _counted = [];

    /// <summary>Slots of the processes that run.</summary>
    public IReadOnlyCollection<string> Slots => _running.Keys;

    public int Kills { get; private set; }

    public DriftdProcess this[string slot] => _running[slot];

    /// <summary>Starts a process; it may die or stop at a fault point, be another build, or have another environment.</summary>
    public DriftdProcess Start(
        string slot, string roles = "detect,decide", string? faultPoint = null, IReadOnlyList<string>? program = null,
        IReadOnlyDictionary<string, string>? variables = null)
    {
        var environment = new Dictionary<string, string>(variables ?? new Dictionary<string, string>()) { ["DRIFTD__SLOT"] = slot, ["DOTNET_TieredPGO"] = "0" };
        if (faultPoint is not null)
        {
            environment["DRIFTD_FAULT_POINT"] = faultPoint;
        }

        var process = new DriftdProcess(program ?? [DriftdProcess.Program], environment, "run", "--config", scene.Configuration, "--roles", roles);
        _all.Add(process);
        _running[slot] = process;
        return process;
    }

    /// <summary>Ends one without warning, as the kernel does when memory is short.</summary>
    public async Task Kill(string slot)
    {
        Kills++;
        await Forget(slot, static process => Signals.Send(process.Id, "KILL"));
    }

    /// <summary>Waits until one has died at its fault point.</summary>
    public async Task Died(string slot)
    {
        await Forget(slot, static _ => { });
        Kills++;
    }

    /// <summary>Waits until one has given up, with exit code 1.</summary>
    public Task GaveUp(string slot) => Forget(slot, static _ => { }, code: 1);

    /// <summary>Stops one as an operator does.</summary>
    public async Task Stop(string slot)
    {
        var process = _running[slot];
        Keep(process);
        _running.Remove(slot);
        var (code, took) = await process.Stop();
        Assert.True(code == 0, $"exit {code} after {took.TotalSeconds:0.0} s\n{Text(process)}");
    }

    public async Task StopAll()
    {
        foreach (var slot in _running.Keys.ToList())
        {
            await Stop(slot);
        }
    }

    public void Pause(string slot) => Signals.Send(_running[slot].Id, "STOP");

    public void Continue(string slot) => Signals.Send(_running[slot].Id, "CONT");

    /// <summary>Partitions of a stage's input that a process says it owns.</summary>
    public List<int> Owned(string slot, StageRole role)
    {
        var (stage, topic) = ($"stage=\"{role.ToString().ToLowerInvariant()}\"", $"topic=\"{scene.Input(role)}\"");
        return
        [
            .. _running[slot].Metrics().Split('\n')
                .Where(line => line.StartsWith("driftd_consumer_lag_records{", StringComparison.Ordinal) && line.Contains(stage, StringComparison.Ordinal)
                    && line.Contains(topic, StringComparison.Ordinal))
                .Select(static line => int.Parse(PartitionLabel().Match(line).Groups[1].Value)),
        ];
    }

    /// <summary>A counter over all processes that ran, but for what killed ones counted last.</summary>
    public double Sum(string metric) => _counted.GetValueOrDefault(metric) + _running.Values.Sum(process => process.Sum(metric));

    /// <summary>Log lines of all processes, dead ones too, that hold a text.</summary>
    public List<string> Said(string text) => [.. _all.SelectMany(static process => process.Errors).Where(line => line.Contains(text, StringComparison.Ordinal))];

    /// <summary>Waits for a condition; a process that ended by itself, or time, fails it with what all have said.</summary>
    public async Task Until(Func<bool> condition, string what, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > (deadline ?? Deadline) || _running.Values.Any(static process => process.HasExited))
            {
                Assert.Fail($"waited {watch.Elapsed.TotalSeconds:0} s in vain until {what}\n{Story()}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>What all processes have said.</summary>
    public string Story() => string.Join("\n---\n", _all.Select(Text));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
        {
            await process.DisposeAsync();
        }
    }

    private static string Text(DriftdProcess process) => string.Join('\n', process.Errors.Prepend(process.HasExited ? "(ended)" : "(runs)").Concat(Standing(process)));

    /// <summary>How one that runs stands: what tells a worker that waits from one that has nothing to do.</summary>
    private static IEnumerable<string> Standing(DriftdProcess process) => process.HasExited ? [] : process.Metrics().Split('\n').Where(static line => Telling().IsMatch(line));

    [GeneratedRegex("^driftd_(ready|aborts_total|commits_total|consumer_lag_records|producer_recycles_total|rebalances_total|records_total|queued_records)[{ ]")]
    private static partial Regex Telling();

    private async Task Forget(string slot, Action<DriftdProcess> end, int code = Killed)
    {
        var process = _running[slot];
        _running.Remove(slot);
        end(process);
        var found = await process.Ended();
        Assert.True(found == code, $"exit {found}, not {code}\n{Text(process)}");
    }

    private void Keep(DriftdProcess process)
    {
        foreach (var metric in (string[])["driftd_aborts_total", "driftd_producer_recycles_total", "driftd_restores_total"])
        {
            _counted[metric] = _counted.GetValueOrDefault(metric) + process.Sum(metric);
        }
    }

    [GeneratedRegex("partition=\"(\\d+)\"")]
    private static partial Regex PartitionLabel();
}
