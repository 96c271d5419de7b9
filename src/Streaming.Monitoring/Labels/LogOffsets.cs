namespace Streaming.Monitoring;

/// <summary>A place in the merged order of a predictions and a labels partition: the next offset of each.</summary>
/// <param name="Predictions">Next offset of the predictions.</param>
/// <param name="Labels">Next offset of the labels; 0 where there is no labels topic.</param>
public readonly record struct LogOffsets(long Predictions, long Labels)
{
    /// <summary>One number that grows with every record taken, so that places of one merged order can be compared.</summary>
    public long Sum => Predictions + Labels;

    /// <summary>Whether all before this place lies before the other too.</summary>
    public bool IsWithin(in LogOffsets other) => Predictions <= other.Predictions && Labels <= other.Labels;

    /// <summary>The same place where labels come from another topic now, of which none was taken before it.</summary>
    /// <param name="from">Where reading begins.</param>
    /// <remarks>
    /// All predictions that were processed before are fed again before the first label of the new topic. So where reading begins before this place,
    /// it is reached with the labels still where reading begins, which need not be 0: a log may have lost its first records.
    /// </remarks>
    public LogOffsets OnOtherLabels(in LogOffsets from) => this with { Labels = from.Predictions < Predictions ? from.Labels : 0 };

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Predictions}/{Labels}");
}
