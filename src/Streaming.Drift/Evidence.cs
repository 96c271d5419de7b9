namespace Streaming.Drift;

/// <summary>Why a detector gave its level: what it measured, and against what.</summary>
/// <param name="Statistic">The measured quantity, in the detector's own unit.</param>
/// <param name="Threshold">What the statistic is compared with.</param>
/// <param name="Before">Mean before the (suspected) change.</param>
/// <param name="After">Mean since the (suspected) change.</param>
/// <param name="Count">Values seen since the last drift, or in the window where the detector has one.</param>
/// <param name="ChangeAge">Values (or events, where elements are fed) since the change; 0 where none is suspected.</param>
/// <param name="Direction">The way the stream moved.</param>
public readonly record struct Evidence(
    double Statistic, double Threshold, double Before, double After, long Count, long ChangeAge, Direction Direction)
{
    /// <summary>Writes all of it.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Write(Statistic);
        writer.Write(Threshold);
        writer.Write(Before);
        writer.Write(After);
        writer.Write(Count);
        writer.Write(ChangeAge);
        writer.Write((byte)Direction);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static Evidence Load(ref StateReader reader) => new(
        reader.Double(), reader.Double(), reader.Double(), reader.Double(), reader.Int64(), reader.Int64(), (Direction)reader.Byte((byte)Direction.Both));
}
