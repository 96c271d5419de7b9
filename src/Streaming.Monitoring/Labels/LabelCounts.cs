namespace Streaming.Monitoring;

/// <summary>What became of labels and of the predictions that waited for them.</summary>
/// <remarks>Of one label that belongs to predictions of several model versions each is counted.</remarks>
public record struct LabelCounts
{
    /// <summary>Records of labels topics that held an id and a label.</summary>
    public long Taken { get; set; }

    /// <summary>Labels that met their prediction and were judged with it.</summary>
    public long Joined { get; set; }

    /// <summary>Labels that said again what was known.</summary>
    public long Duplicates { get; set; }

    /// <summary>Labels that said something else than the one before; after its use that changes nothing, before it the newer holds.</summary>
    public long Corrections { get; set; }

    /// <summary>Labels for which no prediction came.</summary>
    public long Orphans { get; set; }

    /// <summary>Labels that came after the horizon of their model.</summary>
    public long TooLate { get; set; }

    /// <summary>Labels that cannot be compared with their prediction: text for a number.</summary>
    public long Misfits { get; set; }

    /// <summary>Predictions without a label that had to go because too many were open.</summary>
    public long Evicted { get; set; }

    /// <summary>Share of the labels that found no prediction (yet).</summary>
    public readonly double UnmatchedShare => Taken == 0 ? 0 : Math.Max(0, Taken - Joined - Duplicates - Corrections - TooLate - Misfits) / (double)Taken;

    /// <summary>Adds two counts.</summary>
    public static LabelCounts operator +(LabelCounts a, LabelCounts b) => new()
    {
        Taken = a.Taken + b.Taken,
        Joined = a.Joined + b.Joined,
        Duplicates = a.Duplicates + b.Duplicates,
        Corrections = a.Corrections + b.Corrections,
        Orphans = a.Orphans + b.Orphans,
        TooLate = a.TooLate + b.TooLate,
        Misfits = a.Misfits + b.Misfits,
        Evicted = a.Evicted + b.Evicted,
    };
}
