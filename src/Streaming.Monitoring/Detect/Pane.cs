using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What kind of numbers a stream holds, and so how it is watched.</summary>
public enum StreamKind : byte
{
    /// <summary>0 or 1 per labelled event: 1 = wrong.</summary>
    Error,

    /// <summary>Numbers, watched as u-values. The error of a regression is one of them.</summary>
    Numeric,

    /// <summary>Categories.</summary>
    Categorical,

    /// <summary>Shares in [0, 1]: missing, failure.</summary>
    Share,
}

/// <summary>What a model predicts.</summary>
public enum ModelTask : byte
{
    /// <summary>Not known yet: no labelled event so far.</summary>
    Unknown,

    /// <summary>A score in [0, 1]; wrong where score ≥ 0.5 and label differ.</summary>
    Binary,

    /// <summary>A class; wrong where it is not the label.</summary>
    MultiClass,

    /// <summary>A number; its error is the distance from the label.</summary>
    Regression,
}

/// <summary>What closed a pane.</summary>
public enum PaneEnd : byte
{
    /// <summary>It was full.</summary>
    Full,

    /// <summary>Enough event time had passed.</summary>
    Time,

    /// <summary>The per-event level of the error stream changed.</summary>
    Level,

    /// <summary>No event came for a while.</summary>
    Idle,

    /// <summary>The file had ended.</summary>
    End,
}

/// <summary>Offsets of one input partition: from the first to before the last.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="FromOffset">First offset.</param>
/// <param name="ToOffset">Offset after the last.</param>
/// <param name="TopicId">Incarnation of the topic: a topic made anew under the same name counts from 0 again. Empty where unknown.</param>
public readonly record struct OffsetSpan(string Topic, int Partition, long FromOffset, long ToOffset, Guid TopicId = default)
{
    /// <summary>Adds newer spans to older ones; of a topic that was made anew only what is new stays.</summary>
    internal static void Extend(List<OffsetSpan> spans, IReadOnlyList<OffsetSpan> newer)
    {
        foreach (var span in newer)
        {
            var at = spans.FindIndex(known => known.Partition == span.Partition && known.Topic == span.Topic);
            if (at < 0)
            {
                spans.Add(span);
            }
            else
            {
                spans[at] = spans[at].TopicId == span.TopicId ? spans[at] with { ToOffset = span.ToOffset } : span;
            }
        }
    }
}

/// <summary>A category of a reference: its key, how often it was seen, its text.</summary>
public readonly record struct CategoryShare(ulong Key, long Count, string Name);

/// <summary>What "normal" was for a stream on one partition; travels once, when it is complete.</summary>
/// <param name="Count">Values it rests on (N).</param>
/// <param name="Mean">Their mean (numbers, shares).</param>
/// <param name="BlockVariance">Variance of mean u between 24 consecutive blocks of the learning period, noise taken off; negative where there is only noise.</param>
/// <param name="BinShares">Share of each of the 60 u-bins (numbers), else null.</param>
/// <param name="Categories">Categories, commonest first, else null.</param>
/// <param name="NewShare">Good–Turing share of categories not seen yet.</param>
public sealed record StreamReference(
    long Count, double Mean, double BlockVariance, double[]? BinShares, CategoryShare[]? Categories, double NewShare);

/// <summary>One stream's part of a pane.</summary>
public sealed record StreamPane(string Name, StreamKind Kind)
{
    /// <summary>Values present.</summary>
    public long Count { get; init; }

    /// <summary>Events without a value.</summary>
    public long Missing { get; init; }

    /// <summary>Mean of the values as they came.</summary>
    public double Mean { get; init; }

    /// <summary>Sum of squared differences from the mean.</summary>
    public double M2 { get; init; }

    /// <summary>Smallest value.</summary>
    public double Min { get; init; }

    /// <summary>Largest value.</summary>
    public double Max { get; init; }

    /// <summary>Count, mean and M2 of u-values; count 0 while the reference is being learnt.</summary>
    public Element U { get; init; }

    /// <summary>Counts of u-values in 60 equal bins; null where there is no u.</summary>
    public long[]? Histogram { get; init; }

    /// <summary>Values below the least or above the largest of the reference.</summary>
    public long OutOfRange { get; init; }

    /// <summary>Counts of categories known to the reference; null where there are none.</summary>
    public KeyValuePair<ulong, int>[]? Categories { get; init; }

    /// <summary>Values of categories that the reference does not know.</summary>
    public long NewCategories { get; init; }

    /// <summary>The reference, in the first pane after it was complete; else null.</summary>
    public StreamReference? Reference { get; init; }
}

/// <summary>A change of a per-event detector's level inside a pane.</summary>
public readonly record struct LevelChange(string Stream, string Detector, DriftLevel Level, long Offset, long Time, Evidence Evidence);

/// <summary>A stretch of one partition's log for one model version, summarised so that panes of partitions can be added.</summary>
public sealed record Pane
{
    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>Model version.</summary>
    public required string Version { get; init; }

    /// <summary>What the model predicts.</summary>
    public ModelTask Task { get; init; }

    /// <summary>What closed the pane.</summary>
    public PaneEnd End { get; init; }

    /// <summary>Events in the pane.</summary>
    public long Events { get; init; }

    /// <summary>Events with a label.</summary>
    public long Labels { get; init; }

    /// <summary>Smallest event time in the pane, milliseconds since 1970.</summary>
    public long FirstTime { get; init; }

    /// <summary>Largest event time of this model version on this partition so far.</summary>
    public long Watermark { get; init; }

    /// <summary>Offsets of each input partition; the first is the predictions'.</summary>
    public required IReadOnlyList<OffsetSpan> Spans { get; init; }

    /// <summary>The streams, in the order in which they first appeared.</summary>
    public required IReadOnlyList<StreamPane> Streams { get; init; }

    /// <summary>Changes of per-event levels, in order.</summary>
    public IReadOnlyList<LevelChange> Levels { get; init; } = [];

    /// <summary>Level of the per-event detector on the error stream at the end of the pane.</summary>
    public DriftLevel ErrorLevel { get; init; }

    /// <summary>Labels against predictions; null where no label came.</summary>
    internal PerformanceSums? Performance { get; init; }
}
