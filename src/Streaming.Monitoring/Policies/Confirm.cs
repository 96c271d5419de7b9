using System.Reactive.Linq;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A decision on its way to become a trigger: the signal that completed it, and all that stood with it, that one first.</summary>
public sealed record Decision(string Policy, DriftSignal Signal, IReadOnlyList<DriftSignal> Standing)
{
    /// <summary>The signal that the trigger speaks of: the first that may trigger by itself, else the one that completed the decision.</summary>
    public DriftSignal Lead => Standing.FirstOrDefault(static signal => signal.MayTrigger) ?? Signal;
}

/// <summary>Which streams stand in Drift: the memory of <see cref="Confirmation.Confirm"/>.</summary>
public sealed class ConfirmMemory
{
    private readonly SortedDictionary<(string Version, string Stream, string Detector), DriftSignal> _standing = new(
        Comparer<(string Version, string Stream, string Detector)>.Create(static (a, b) =>
        {
            var version = string.CompareOrdinal(a.Version, b.Version);
            var stream = version != 0 ? version : string.CompareOrdinal(a.Stream, b.Stream);
            return stream != 0 ? stream : string.CompareOrdinal(a.Detector, b.Detector);
        }));

    /// <summary>Takes a signal; returns what now stands for its version, the signal itself first.</summary>
    public IReadOnlyList<DriftSignal> Take(DriftSignal signal)
    {
        var key = (signal.Version, signal.Stream, signal.Detector);
        if (signal.Level != DriftLevel.Drift)
        {
            _standing.Remove(key);
            return [];
        }

        _standing[key] = signal;
        return [signal, .. _standing.Values.Where(other => other.Version == signal.Version && other != signal)];
    }

    /// <summary>Forgets what stands of a version.</summary>
    internal void Forget(string version)
    {
        foreach (var key in _standing.Keys.Where(key => key.Version == version).ToArray())
        {
            _standing.Remove(key);
        }
    }

    /// <summary>Writes the standing signals.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Count(_standing.Count);
        foreach (var signal in _standing.Values)
        {
            SignalState.Save(ref writer, signal);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        _standing.Clear();
        for (var left = reader.Length(100); left > 0; left--)
        {
            var signal = SignalState.Load(ref reader);
            _standing[(signal.Version, signal.Stream, signal.Detector)] = signal;
        }
    }
}

/// <summary>From signals to decisions. Operators keep no memory of their own: it is passed in, so that it can be saved.</summary>
public static class Confirmation
{
    /// <summary>
    /// Decides when a signal enters Drift and signals of at least <paramref name="k"/> different streams of that version stand, one of them of a stream
    /// that may trigger by itself; with <paramref name="k"/> = 1 it is the one that enters.
    /// </summary>
    public static IObservable<Decision> Confirm(this IObservable<DriftSignal> signals, int k, ConfirmMemory memory) =>
        from signal in signals
        let standing = memory.Take(signal)
        where standing.Select(static s => s.Stream).Distinct(StringComparer.Ordinal).Count() >= k
        where k > 1 ? standing.Any(static s => s.MayTrigger) : signal.MayTrigger
        select new Decision("confirm", signal, standing);

    /// <summary>Decides when the prediction and at least <paramref name="features"/> features of a version stand in Drift.</summary>
    public static IObservable<Decision> ConfirmInputs(
        this IObservable<DriftSignal> signals, Func<DriftSignal, int> features, ConfirmMemory memory) =>
        from signal in signals
        let standing = memory.Take(signal)
        where standing.Any(static s => s.Stream is "prediction" or "score")
        where standing.Where(static s => s.Stream.StartsWith("feature:", StringComparison.Ordinal))
            .Select(static s => s.Stream).Distinct(StringComparer.Ordinal).Count() >= features(signal)
        select new Decision("inputs", signal, standing);
}
