using System.Reactive.Linq;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>How many triggers a model may give within a stretch of event time.</summary>
/// <param name="Triggers">1 to 1,000.</param>
/// <param name="Period">1 s to 365 days.</param>
public sealed record TriggerBudget(int Triggers, TimeSpan Period);

/// <summary>When triggers went out: the memory of <see cref="Budgeting.Budget"/>.</summary>
public sealed class BudgetMemory
{
    private readonly Queue<long> _spent = new();

    /// <summary>Whether one more at <paramref name="time"/> is within the budget; if so it is spent.</summary>
    public bool Spend(long time, TriggerBudget budget)
    {
        while (_spent.TryPeek(out var oldest) && time - oldest >= budget.Period.TotalMilliseconds)
        {
            _spent.Dequeue();
        }

        if (_spent.Count >= budget.Triggers)
        {
            return false;
        }

        _spent.Enqueue(time);
        return true;
    }

    /// <summary>Writes the times.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Count(_spent.Count);
        foreach (var time in _spent)
        {
            writer.Write(time);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        _spent.Clear();
        for (var left = reader.Length(8); left > 0; left--)
        {
            _spent.Enqueue(reader.Int64());
        }
    }
}

/// <summary>Keeps retraining affordable.</summary>
public static class Budgeting
{
    /// <summary>Lets decisions pass while the budget lasts; null is no limit. <paramref name="suppressed"/> is told of the others.</summary>
    public static IObservable<Decision> Budget(this IObservable<Decision> decisions, TriggerBudget? budget, BudgetMemory memory, Action<Decision> suppressed) =>
        decisions.Where(decision =>
        {
            var affordable = budget is null || memory.Spend(decision.Signal.DetectedAt, budget);
            if (!affordable)
            {
                suppressed(decision);
            }

            return affordable;
        });
}
