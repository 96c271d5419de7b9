using System.Reactive.Linq;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Until when a model is left in peace: the memory of <see cref="Cooling.Cooldown"/>.</summary>
public sealed class CooldownMemory
{
    /// <summary>Event time before which no decision passes, milliseconds since 1970.</summary>
    public long Until { get; private set; } = long.MinValue;

    /// <summary>Whether a decision at <paramref name="time"/> passes; if it does, a new cooldown begins.</summary>
    public bool Admit(long time, TimeSpan quiet)
    {
        if (time < Until)
        {
            return false;
        }

        Until = time + (long)quiet.TotalMilliseconds;
        return true;
    }

    /// <summary>A retraining is under way: leaves the model in peace for at least <paramref name="quiet"/> from now.</summary>
    public void Extend(long time, TimeSpan quiet) => Until = Math.Max(Until, time + (long)quiet.TotalMilliseconds);

    /// <summary>A retraining has ended: the next decision passes.</summary>
    public void End() => Until = long.MinValue;

    /// <summary>Writes the end of the cooldown.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Until);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        Until = reader.Int64();
    }
}

/// <summary>Keeps a model's decisions apart.</summary>
public static class Cooling
{
    /// <summary>Lets a decision pass, and then none for <paramref name="quiet"/> of event time; <paramref name="suppressed"/> is told of the others.</summary>
    public static IObservable<Decision> Cooldown(
        this IObservable<Decision> decisions, TimeSpan quiet, CooldownMemory memory, Action<Decision> suppressed) =>
        decisions.Where(decision =>
        {
            var admitted = memory.Admit(decision.Signal.DetectedAt, quiet);
            if (!admitted)
            {
                suppressed(decision);
            }

            return admitted;
        });
}
