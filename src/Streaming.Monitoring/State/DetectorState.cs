using System.Buffers;
using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Writes part of a state.</summary>
internal delegate void SavePart(ref StateWriter writer);

/// <summary>A detector's state beside the hash of its options: other options cannot go on from it.</summary>
internal static class DetectorState
{
    /// <summary>Hash of the options of a detector: of what a record prints, so that every option takes part.</summary>
    public static ulong HashOf(object options) => Categories.Key(Encoding.UTF8.GetBytes(options.ToString()!));

    public static void Save(ref StateWriter writer, ulong options, SavePart save)
    {
        writer.Write(options);
        var bytes = new ArrayBufferWriter<byte>(256);
        var part = new StateWriter(bytes);
        save(ref part);
        writer.Part(bytes.WrittenSpan);
    }

    /// <summary>The detector's bytes; false where they belong to other options.</summary>
    public static bool TryLoad(ref StateReader reader, ulong options, out StateReader part)
    {
        var found = reader.UInt64();
        part = reader.Part();
        return found == options;
    }
}
