namespace Streaming.Monitoring;

/// <summary>A monitor as saving sees it.</summary>
internal interface IKept
{
    /// <summary>First offset that its saved state lacks; <see cref="long.MaxValue"/> where it lacks none.</summary>
    long FirstUnsaved { get; }

    /// <summary>Its state as a record; it is saved now.</summary>
    OutputRecord Save();
}

/// <summary>Which monitors are saved: the longest unsaved first, so that none waits for ever.</summary>
internal static class SaveOrder
{
    public static long? FirstUnsaved<T>(IEnumerable<T> monitors)
        where T : class, IKept
    {
        var first = long.MaxValue;
        foreach (var monitor in monitors)
        {
            first = Math.Min(first, monitor.FirstUnsaved);
        }

        return first == long.MaxValue ? null : first;
    }

    public static void Save<T>(IEnumerable<T> monitors, in SaveScope scope, List<OutputRecord> output)
        where T : class, IKept
    {
        var before = scope.All ? long.MaxValue : scope.UnsavedBefore;
        var due = new List<T>();
        foreach (var monitor in monitors)
        {
            if (monitor.FirstUnsaved < before)
            {
                due.Add(monitor);
            }
        }

        due.Sort(static (a, b) => a.FirstUnsaved.CompareTo(b.FirstUnsaved));
        var written = 0L;
        foreach (var monitor in due)
        {
            if (!scope.All && written >= scope.MostBytes)
            {
                return;
            }

            var record = monitor.Save();
            output.Add(record);
            written += record.Key!.Length + record.Value!.Length;
        }
    }
}
