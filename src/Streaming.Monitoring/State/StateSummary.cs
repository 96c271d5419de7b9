using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What the saved bytes of a monitor begin with: enough to show them to people.</summary>
/// <param name="Contained">The first offset of the partition that is not contained.</param>
/// <param name="Events">Events taken.</param>
/// <param name="Labels">Events that carried a label.</param>
/// <param name="Errors">Events judged wrong.</param>
/// <param name="Watermark">Largest event time, milliseconds since 1970.</param>
/// <param name="ContainedLabels">The first offset of the labels partition that is not contained; 0 without a labels topic.</param>
public readonly record struct StateSummary(long Contained, long Events, long Labels, long Errors, long Watermark, long ContainedLabels = 0)
{
    /// <summary>Version of the layout of a monitor's bytes, their first byte.</summary>
#if STATE_CODEC_NEXT
    public const byte Layout = Former + 1;

    // a stand-in for the layout that comes next, which the test of upgrades alone builds: one field more, and what the former wrote can be read
    private const byte Former = 1;
    private const long Added = 42;
#else
    public const byte Layout = 1;
#endif

    /// <summary>Reads the beginning of a monitor's bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not of this version, or too few.</exception>
    public static StateSummary Read(ReadOnlySpan<byte> value)
    {
        var reader = new StateReader(value);
        return Load(ref reader);
    }

    internal static StateSummary Load(ref StateReader reader)
    {
#if STATE_CODEC_NEXT
        if (reader.Byte(Layout) > Former && reader.Int64() != Added)
        {
            throw reader.Broken($"{Added}", "another number");
        }
#else
        reader.RequireVersion(Layout);
#endif
        return new StateSummary(reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
    }

    internal void Save(ref StateWriter writer)
    {
        writer.Version(Layout);
#if STATE_CODEC_NEXT
        writer.Write(Added);
#endif
        writer.Write(Contained);
        writer.Write(Events);
        writer.Write(Labels);
        writer.Write(Errors);
        writer.Write(Watermark);
        writer.Write(ContainedLabels);
    }
}
