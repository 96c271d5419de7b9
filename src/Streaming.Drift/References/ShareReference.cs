namespace Streaming.Drift;

/// <summary>What normal was for a share: missing values, failures.</summary>
/// <param name="Count">Events the share rests on: N, where sampling error is judged.</param>
/// <param name="Mean">The share, 0 to 1.</param>
public readonly record struct ShareReference(long Count, double Mean)
{
    /// <summary>Writes both numbers.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Write(Count);
        writer.Write(Mean);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static ShareReference Load(ref StateReader reader) => new(reader.Int64(), reader.Double());
}
