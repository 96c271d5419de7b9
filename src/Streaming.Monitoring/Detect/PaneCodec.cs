using System.Buffers;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Panes as bytes: version 3, variable-length counts, little-endian numbers, histograms sparse where that is shorter.</summary>
public static class PaneCodec
{
    /// <summary>Version of the format, the first byte of every pane.</summary>
    public const byte Version = 3;

    private const int Bins = NumericReference.Bins;

    /// <summary>The bytes of a pane.</summary>
    public static byte[] Encode(Pane pane)
    {
        var writer = new CompactWriter(new ArrayBufferWriter<byte>(512));
        writer.Byte(Version);
        writer.Text(pane.Model);
        writer.Text(pane.Version);
        writer.Byte((byte)pane.Task);
        writer.Byte((byte)pane.End);
        writer.Byte((byte)pane.ErrorLevel);
        writer.Count(pane.Events);
        writer.Count(pane.Labels);
        writer.Signed(pane.FirstTime);
        writer.Signed(pane.Watermark);
        writer.Count(pane.Spans.Count);
        foreach (var span in pane.Spans)
        {
            writer.Text(span.Topic);
            writer.Count(span.Partition);
            writer.Signed(span.FromOffset);
            writer.Count(span.ToOffset - span.FromOffset);
            WriteTopicId(writer, span.TopicId);
        }

        writer.Count(pane.Streams.Count);
        foreach (var stream in pane.Streams)
        {
            WriteStream(writer, stream);
        }

        writer.Count(pane.Levels.Count);
        foreach (var change in pane.Levels)
        {
            WriteLevel(writer, change);
        }

        writer.Byte(pane.Performance is null ? (byte)0 : (byte)1);
        if (pane.Performance is { } performance)
        {
            PerformanceCodec.Write(writer, performance);
        }

        return writer.ToArray();
    }

    /// <summary>The pane that the bytes hold.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a pane of this version; the message says what was expected and found.</exception>
    public static Pane Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        var version = reader.Byte();
        if (version != Version)
        {
            throw new InvalidDataException($"pane: expected version {Version}, found {version}");
        }

        var (model, modelVersion) = (reader.Text(), reader.Text());
        var (task, end, errorLevel) = ((ModelTask)reader.Byte(), (PaneEnd)reader.Byte(), (DriftLevel)reader.Byte());
        var (events, labels, firstTime, watermark) = (reader.Count(), reader.Count(), reader.Signed(), reader.Signed());
        var spans = new OffsetSpan[reader.Length(5)];
        for (var i = 0; i < spans.Length; i++)
        {
            var (topic, partition, from) = (reader.Text(), (int)reader.Count(), reader.Signed());
            spans[i] = new OffsetSpan(topic, partition, from, from + reader.Count(), ReadTopicId(ref reader));
        }

        var streams = new StreamPane[reader.Length(4)];
        for (var i = 0; i < streams.Length; i++)
        {
            streams[i] = ReadStream(ref reader);
        }

        var levels = new LevelChange[reader.Length(4)];
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = ReadLevel(ref reader);
        }

        var performance = reader.Byte() == 0 ? null : PerformanceCodec.Read(ref reader);
        reader.RequireEnd();
        return spans.Length == 0
            ? throw new InvalidDataException("pane: expected at least one offset span, found none")
            : new Pane
            {
                Model = model,
                Version = modelVersion,
                Task = task,
                End = end,
                ErrorLevel = errorLevel,
                Events = events,
                Labels = labels,
                FirstTime = firstTime,
                Watermark = watermark,
                Spans = spans,
                Streams = streams,
                Levels = levels,
                Performance = performance,
            };
    }

    private static void WriteTopicId(CompactWriter writer, Guid topicId)
    {
        writer.Byte(topicId == Guid.Empty ? (byte)0 : (byte)16);
        if (topicId != Guid.Empty)
        {
            writer.Guid(topicId);
        }
    }

    private static Guid ReadTopicId(ref CompactReader reader) => reader.Byte() switch
    {
        0 => Guid.Empty,
        16 => reader.Guid(),
        var found => throw new InvalidDataException($"pane: expected a topic id of 0 or 16 bytes, found {found}"),
    };

    private static void WriteStream(CompactWriter writer, StreamPane stream)
    {
        writer.Text(stream.Name);
        writer.Byte((byte)stream.Kind);
        writer.Byte((byte)((stream.Histogram is null ? 0 : 1) | (stream.Categories is null ? 0 : 2) | (stream.Reference is null ? 0 : 4)));
        writer.Count(stream.Count);
        writer.Count(stream.Missing);
        if (stream.Count > 0)
        {
            writer.Number(stream.Mean);
            writer.Number(stream.M2);
            writer.Number(stream.Min);
            writer.Number(stream.Max);
        }

        writer.Count(stream.U.Count);
        if (stream.U.Count > 0)
        {
            writer.Number(stream.U.Mean);
            writer.Number(stream.U.M2);
        }

        if (stream.Histogram is { } histogram)
        {
            WriteHistogram(writer, histogram);
            writer.Count(stream.OutOfRange);
        }

        if (stream.Categories is { } categories)
        {
            writer.Count(categories.Length);
            foreach (var (key, count) in categories)
            {
                writer.Key(key);
                writer.Count(count);
            }

            writer.Count(stream.NewCategories);
        }

        if (stream.Reference is { } reference)
        {
            WriteReference(writer, reference);
        }
    }

    private static StreamPane ReadStream(ref CompactReader reader)
    {
        var pane = new StreamPane(reader.Text(), (StreamKind)reader.Byte());
        var parts = reader.Byte();
        pane = pane with { Count = reader.Count(), Missing = reader.Count() };
        if (pane.Count > 0)
        {
            pane = pane with { Mean = reader.Number(), M2 = reader.Number(), Min = reader.Number(), Max = reader.Number() };
        }

        var u = reader.Count();
        if (u > 0)
        {
            pane = pane with { U = new Element(u, reader.Number(), reader.Number()) };
        }

        if ((parts & 1) != 0)
        {
            pane = pane with { Histogram = ReadHistogram(ref reader), OutOfRange = reader.Count() };
        }

        if ((parts & 2) != 0)
        {
            var categories = new KeyValuePair<ulong, int>[reader.Length(9)];
            for (var i = 0; i < categories.Length; i++)
            {
                categories[i] = new(reader.Key(), (int)reader.Count());
            }

            pane = pane with { Categories = categories, NewCategories = reader.Count() };
        }

        return (parts & 4) != 0 ? pane with { Reference = ReadReference(ref reader) } : pane;
    }

    private static void WriteHistogram(CompactWriter writer, long[] histogram)
    {
        var filled = 0;
        foreach (var count in histogram)
        {
            filled += count > 0 ? 1 : 0;
        }

        // a list of (bin, count) while fewer than half the bins are filled; Bins itself marks the full form
        writer.Byte((byte)(filled < Bins / 2 ? filled : Bins));
        for (var bin = 0; bin < Bins; bin++)
        {
            if (filled >= Bins / 2)
            {
                writer.Count(histogram[bin]);
            }
            else if (histogram[bin] > 0)
            {
                writer.Byte((byte)bin);
                writer.Count(histogram[bin]);
            }
        }
    }

    private static long[] ReadHistogram(ref CompactReader reader)
    {
        var histogram = new long[Bins];
        var filled = reader.Byte();
        for (var i = 0; i < filled; i++)
        {
            var bin = filled == Bins ? i : reader.Byte();
            if (bin >= Bins)
            {
                throw new InvalidDataException($"pane: expected a bin below {Bins}, found {bin}");
            }

            histogram[bin] = reader.Count();
        }

        return histogram;
    }

    private static void WriteReference(CompactWriter writer, StreamReference reference)
    {
        writer.Count(reference.Count);
        writer.Number(reference.Mean);
        writer.Number(reference.BlockVariance);
        writer.Number(reference.NewShare);
        writer.Count(reference.BinShares?.Length ?? 0);
        foreach (var share in reference.BinShares ?? [])
        {
            writer.Number(share);
        }

        writer.Byte(reference.Categories is null ? (byte)0 : (byte)1);
        writer.Count(reference.Categories?.Length ?? 0);
        foreach (var (key, count, name) in reference.Categories ?? [])
        {
            writer.Key(key);
            writer.Count(count);
            writer.Text(name);
        }
    }

    private static StreamReference ReadReference(ref CompactReader reader)
    {
        var (count, mean, blockVariance, newShare) = (reader.Count(), reader.Number(), reader.Number(), reader.Number());
        var shares = new double[reader.Length(8)];
        for (var i = 0; i < shares.Length; i++)
        {
            shares[i] = reader.Number();
        }

        var categorical = reader.Byte() == 1;
        var categories = new CategoryShare[reader.Length(10)];
        for (var i = 0; i < categories.Length; i++)
        {
            categories[i] = new CategoryShare(reader.Key(), reader.Count(), reader.Text());
        }

        return new StreamReference(count, mean, blockVariance, shares.Length == Bins ? shares : null, categorical ? categories : null, newShare);
    }

    private static void WriteLevel(CompactWriter writer, LevelChange change)
    {
        writer.Text(change.Stream);
        writer.Text(change.Detector);
        writer.Byte((byte)change.Level);
        writer.Signed(change.Offset);
        writer.Signed(change.Time);
        writer.Number(change.Evidence.Statistic);
        writer.Number(change.Evidence.Threshold);
        writer.Number(change.Evidence.Before);
        writer.Number(change.Evidence.After);
        writer.Count(change.Evidence.Count);
        writer.Count(change.Evidence.ChangeAge);
        writer.Byte((byte)change.Evidence.Direction);
    }

    private static LevelChange ReadLevel(ref CompactReader reader)
    {
        var (stream, detector, level, offset, time) = (reader.Text(), reader.Text(), (DriftLevel)reader.Byte(), reader.Signed(), reader.Signed());
        var (statistic, threshold, before, after) = (reader.Number(), reader.Number(), reader.Number(), reader.Number());
        var evidence = new Evidence(statistic, threshold, before, after, reader.Count(), reader.Count(), (Direction)reader.Byte());
        return new LevelChange(stream, detector, level, offset, time, evidence);
    }
}
