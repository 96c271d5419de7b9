namespace Streaming.Host;

/// <summary>Which trigger is tried next, and when: one at a time per model, in the order of the topic, later from failure to failure.</summary>
/// <remarks>A model whose receiver fails holds up no other. Times are handed in.</remarks>
internal sealed class HandoverSchedule(int parallel)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private int _running;

    /// <summary>Triggers that are not handed over yet.</summary>
    public int Waiting { get; private set; }

    /// <summary>Takes a trigger behind those of its model.</summary>
    public void Add(Trigger trigger)
    {
        if (!_lines.TryGetValue(trigger.Model, out var line))
        {
            _lines[trigger.Model] = line = new Line();
        }

        line.Triggers.Enqueue(trigger);
        Waiting++;
    }

    /// <summary>A trigger to try now; null where all that wait are under way, or wait for their time.</summary>
    public Trigger? Next(TimeSpan now)
    {
        if (_running >= parallel)
        {
            return null;
        }

        foreach (var line in _lines.Values)
        {
            if (!line.IsRunning && line.Due <= now)
            {
                line.IsRunning = true;
                _running++;
                return line.Triggers.Peek();
            }
        }

        return null;
    }

    /// <summary>The receiver has it.</summary>
    public void Delivered(Trigger trigger)
    {
        var line = Ended(trigger);
        line.Triggers.Dequeue();
        (line.Due, line.Failures) = (TimeSpan.Zero, 0);
        Waiting--;
        if (line.Triggers.Count == 0)
        {
            _lines.Remove(trigger.Model);
        }
    }

    /// <summary>The receiver did not take it; returns how long it waits, and how often it has failed.</summary>
    public (TimeSpan Wait, int Failures) Refused(Trigger trigger, TimeSpan? retryAfter, TimeSpan now)
    {
        var line = Ended(trigger);
        var wait = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(line.Failures, 20)));
        if (retryAfter > wait)
        {
            wait = TimeSpan.FromTicks(Math.Min(Longest.Ticks, retryAfter.Value.Ticks));
        }

        line.Failures++;
        line.Due = now + wait;
        return (wait, line.Failures);
    }

    private Line Ended(Trigger trigger)
    {
        var line = _lines[trigger.Model];
        line.IsRunning = false;
        _running--;
        return line;
    }

    private sealed class Line
    {
        public Queue<Trigger> Triggers { get; } = new();

        public TimeSpan Due { get; set; }

        public int Failures { get; set; }

        public bool IsRunning { get; set; }
    }
}
