namespace Streaming.Monitoring;

/// <summary>Labelled predictions of one model version, reduced to sums of which every performance metric is made, and which add up.</summary>
internal sealed class PerformanceSums
{
    /// <summary>Classes of a binary task: those of the labels 0 and 1.</summary>
    public const int Negative = 1;

    /// <inheritdoc cref="Negative"/>
    public const int Positive = 2;

    public PerformanceSums(ModelTask task)
    {
        Task = task;
        if (task == ModelTask.Regression)
        {
            Distances = new DistanceSums();
            return;
        }

        (Classes, Scores) = (new ClassCounts(), new ScoreCounts());
        if (task == ModelTask.Binary)
        {
            Classes.IndexOf("0"u8);
            Classes.IndexOf("1"u8);
        }
    }

    public ModelTask Task { get; }

    /// <summary>Labels against predictions by class; null for a regression.</summary>
    public ClassCounts? Classes { get; }

    /// <summary>Scores against what came true; null for a regression, empty where predictions carried no probability.</summary>
    public ScoreCounts? Scores { get; }

    /// <summary>Distances of a regression, else null.</summary>
    public DistanceSums? Distances { get; }

    public DelayCounts Delays { get; } = new();

    /// <summary>Labelled predictions.</summary>
    public long Count => Classes?.Count ?? Distances!.Error.Count;

    /// <summary>Adds sums of the same task.</summary>
    public void Add(PerformanceSums other)
    {
        Classes?.Add(other.Classes!);
        Scores?.Add(other.Scores!);
        Distances?.Add(other.Distances!);
        for (var index = 0; index < other.Delays.Classes; index++)
        {
            var counts = other.Delays.Of(index);
            for (var bin = 0; bin < counts.Length; bin++)
            {
                if (counts[bin] > 0)
                {
                    Delays.Add(Classes?.IndexOf(other.Classes!.Name(index)) ?? 0, bin, counts[bin]);
                }
            }
        }
    }

    /// <summary>Sets all sums to 0; classes that are known stay so.</summary>
    public void Clear()
    {
        Classes?.Clear();
        Scores?.Clear();
        Distances?.Clear();
        Delays.Clear();
    }
}
