namespace Streaming.Drift;

/// <summary>What every detector's saved state begins with.</summary>
internal static class StateHead
{
    public static void Begin(this ref StateWriter writer, DriftLevel level, in Evidence evidence)
    {
        writer.Version(1);
        writer.Write((byte)level);
        evidence.Save(ref writer);
    }

    public static DriftLevel Begin(this ref StateReader reader, out Evidence evidence)
    {
        reader.RequireVersion(1);
        var level = (DriftLevel)reader.Byte((byte)DriftLevel.Drift);
        evidence = Evidence.Load(ref reader);
        return level;
    }

    /// <summary>Reads a count that code takes for a place or a length.</summary>
    public static int Int32(this ref StateReader reader, int least, int most)
    {
        var found = reader.Int32();
        return found >= least && found <= most ? found : throw reader.Broken($"{least} to {most}", found.ToString());
    }
}
