using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A reference that travelled in a pane, as state.</summary>
internal static class ReferenceState
{
    public static void Save(ref StateWriter writer, StreamReference reference)
    {
        writer.Count(reference.Count);
        writer.Write(reference.Mean);
        writer.Write(reference.BlockVariance);
        writer.Write(reference.NewShare);
        writer.Write(reference.BinShares is not null);
        if (reference.BinShares is { } shares)
        {
            writer.Write(shares.AsSpan());
        }

        writer.Write(reference.Categories is not null);
        if (reference.Categories is not { } categories)
        {
            return;
        }

        writer.Count(categories.Length);
        foreach (var (key, count, name) in categories)
        {
            writer.Write(key);
            writer.Count(count);
            writer.Write(name);
        }
    }

    public static StreamReference Load(ref StateReader reader)
    {
        var (count, mean, blockVariance, newShare) = (reader.Count(), reader.Double(), reader.Double(), reader.Double());
        double[]? shares = null;
        if (reader.Bool())
        {
            shares = new double[NumericReference.Bins];
            reader.Rows(shares);
        }

        if (!reader.Bool())
        {
            return new StreamReference(count, mean, blockVariance, shares, null, newShare);
        }

        var categories = new CategoryShare[reader.Length(13)];
        for (var i = 0; i < categories.Length; i++)
        {
            categories[i] = new CategoryShare(reader.UInt64(), reader.Count(), reader.Text());
        }

        return new StreamReference(count, mean, blockVariance, shares, categories, newShare);
    }
}
