using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Streaming.Host;

/// <summary>What is expected of any process: start, processor time, memory, garbage collections.</summary>
internal sealed class ProcessMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "driftd.process";

    /// <summary>Declares the instruments.</summary>
    public ProcessMetrics()
    {
        using var process = Process.GetCurrentProcess();
        var started = (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
        Meter.CreateObservableGauge("process.start_time", () => started, "s", "Start of the process, seconds since 1970.");
        Meter.CreateObservableCounter(
            "process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used, user and system.");
        Meter.CreateObservableGauge("process.resident_memory", static () => Environment.WorkingSet, "By", "Memory that is resident.");
        Meter.CreateObservableGauge("dotnet.gc.heap_size", static () => GC.GetTotalMemory(false), "By", "Managed heap in use.");
        Meter.CreateObservableCounter(
            "dotnet.gc.pause", static () => GC.GetTotalPauseDuration().TotalSeconds, "s", "Time that collections have stopped the process.");
        Meter.CreateObservableCounter(
            "dotnet.gc.allocated", static () => GC.GetTotalAllocatedBytes(), "By", "Managed memory allocated.");
        Meter.CreateObservableCounter(
            "dotnet.gc.collections", Collections, null, "Garbage collections, by the oldest generation they reached.");
    }

    /// <summary>The meter that carries them.</summary>
    public Meter Meter { get; } = new(MeterName);

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    // the runtime counts a collection once for each generation it reached; taken apart, the sum over generations means something
    private static IEnumerable<Measurement<long>> Collections()
    {
        var older = 0L;
        for (var generation = GC.MaxGeneration; generation >= 0; generation--)
        {
            var reached = GC.CollectionCount(generation);
            yield return new(Math.Max(0, reached - older), new KeyValuePair<string, object?>("generation", generation));
            older = reached;
        }
    }
}
