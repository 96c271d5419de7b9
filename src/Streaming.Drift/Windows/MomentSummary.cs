namespace Streaming.Drift;

/// <summary>Moments and extremes of some values; summaries of parts add up to the summary of the whole.</summary>
/// <param name="Count">Number of values; with 0 the other members are 0 and mean nothing.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="M2">Sum of squared differences from the mean.</param>
/// <param name="Min">The least of them.</param>
/// <param name="Max">The greatest of them.</param>
/// <remarks>T. F. Chan, G. H. Golub, R. J. LeVeque,
/// Updating formulae and a pairwise algorithm for computing sample variances, 1979.</remarks>
public readonly record struct MomentSummary(long Count, double Mean, double M2, double Min, double Max)
{
    /// <summary>M2 / n; NaN of nothing.</summary>
    public double Variance => Count == 0 ? double.NaN : M2 / Count;

    /// <summary>The part that element detectors take; <see cref="Count"/> must be at least 1.</summary>
    public Element ToElement() => new(Count, Mean, M2);

    /// <summary>This and one more value (Welford's step).</summary>
    public MomentSummary Add(double value)
    {
        if (Count == 0)
        {
            return new MomentSummary(1, value, 0, value, value);
        }

        var mean = Mean + (value - Mean) / (Count + 1);
        return new MomentSummary(
            Count + 1, mean, M2 + (value - Mean) * (value - mean), Math.Min(Min, value), Math.Max(Max, value));
    }

    /// <summary>This and another part, in this order: the order decides the last bits.</summary>
    public MomentSummary Merge(in MomentSummary other)
    {
        if (Count == 0)
        {
            return other;
        }

        if (other.Count == 0)
        {
            return this;
        }

        var count = Count + other.Count;
        var difference = other.Mean - Mean;
        var mean = Mean + difference * ((double)other.Count / count);
        var m2 = M2 + other.M2 + difference * difference * ((double)Count * other.Count / count);
        return new MomentSummary(count, mean, m2, Math.Min(Min, other.Min), Math.Max(Max, other.Max));
    }

    /// <summary>Writes the five numbers.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Write(Count);
        writer.Write(Mean);
        writer.Write(M2);
        writer.Write(Min);
        writer.Write(Max);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static MomentSummary Load(ref StateReader reader) =>
        new(reader.Int64(), reader.Double(), reader.Double(), reader.Double(), reader.Double());
}
