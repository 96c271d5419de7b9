using Streaming.Drift;

namespace Streaming.Kafka;

/// <summary>How far a partition has come: written with every commit that moves it.</summary>
/// <param name="Topic">Input topic by name, so that a topic that was deleted and created anew is recognised.</param>
/// <param name="Partitions">Partitions that the topic had.</param>
/// <param name="Committed">Offset after the last record whose outputs are committed.</param>
/// <param name="ReplayFrom">First record that a monitor's saved state does not contain.</param>
/// <param name="MergeKey">Largest Kafka timestamp taken, where the topic is read together with a labels topic.</param>
internal readonly record struct PartitionPosition(string Topic, int Partitions, long Committed, long ReplayFrom, long MergeKey = long.MinValue)
{
    public byte[] Encode()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(64);
        var writer = new StateWriter(buffer);
        writer.Version(1);
        writer.Write(Topic);
        writer.Write(Partitions);
        writer.Write(Committed);
        writer.Write(ReplayFrom);
        writer.Write(MergeKey);
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are of another version, or too few.</exception>
    public static PartitionPosition Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes);
        reader.RequireVersion(1);
        return new PartitionPosition(reader.Text(), reader.Int32(), reader.Int64(), reader.Int64(), reader.Int64());
    }
}
