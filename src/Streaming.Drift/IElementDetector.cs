namespace Streaming.Drift;

/// <summary>Several consecutive values of a stream, summarised.</summary>
/// <param name="Count">Number of values, at least 1.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="M2">Sum of squared differences from the mean.</param>
public readonly record struct Element(long Count, double Mean, double M2)
{
    /// <summary>Both together, exactly (Chan, Golub, LeVeque 1979).</summary>
    public Element Merge(in Element other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var n = Count + other.Count;
        var difference = other.Mean - Mean;
        return new Element(
            n, Mean + (difference * other.Count / n), M2 + other.M2 + (difference * difference * ((double)Count * other.Count / n)));
    }

    /// <summary>Writes the three numbers.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Write(Count);
        writer.Write(Mean);
        writer.Write(M2);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static Element Load(ref StateReader reader) => new(reader.Int64(), reader.Double(), reader.Double());
}

/// <summary>Watches one stream that arrives as <see cref="Element"/>s: what <see cref="IDriftDetector"/> is for single values.</summary>
/// <remarks>One thread. Deterministic. Counts and ages in <see cref="Evidence"/> are in values, not in elements.</remarks>
public interface IElementDetector
{
    /// <summary>What the last <see cref="Update"/> returned.</summary>
    DriftLevel Level { get; }

    /// <summary>Why: statistic, threshold, means before and after, age of the change.</summary>
    ref readonly Evidence Evidence { get; }

    /// <summary>Current estimate of the stream's mean.</summary>
    double Estimate { get; }

    /// <summary>Elements since the change that <see cref="Evidence"/> speaks of; 0 where none.</summary>
    long ChangeElements { get; }

    /// <summary>Feeds one element. After <see cref="DriftLevel.Drift"/> the next call starts a new concept.</summary>
    DriftLevel Update(in Element element);

    /// <summary>Writes all that is needed to go on after a restart.</summary>
    void Save(ref StateWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote; the detector must have the same options.</summary>
    void Load(ref StateReader reader);
}
