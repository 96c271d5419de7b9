using System.Buffers;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Performance sums as bytes, in panes and in state: counts in variable length, empty bins and cells left out.</summary>
internal static class PerformanceCodec
{
    public static byte[] Encode(PerformanceSums sums)
    {
        var writer = new CompactWriter(new ArrayBufferWriter<byte>(512));
        Write(writer, sums);
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no performance sums.</exception>
    public static PerformanceSums Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        var sums = Read(ref reader);
        reader.RequireEnd();
        return sums;
    }

    public static void Write(CompactWriter writer, PerformanceSums sums)
    {
        writer.Byte((byte)sums.Task);
        if (sums.Distances is { } distances)
        {
            WriteDistances(writer, distances);
        }
        else
        {
            WriteClasses(writer, sums.Classes!);
            WriteScores(writer, sums.Scores!);
        }

        WriteDelays(writer, sums.Delays);
    }

    public static PerformanceSums Read(ref CompactReader reader)
    {
        var task = (ModelTask)reader.Byte();
        if (task is not (ModelTask.Binary or ModelTask.MultiClass or ModelTask.Regression))
        {
            throw new InvalidDataException($"performance: expected a task, found {task}");
        }

        var sums = new PerformanceSums(task);
        if (sums.Distances is { } distances)
        {
            ReadDistances(ref reader, distances);
        }
        else
        {
            ReadClasses(ref reader, sums.Classes!);
            ReadScores(ref reader, sums.Scores!);
        }

        ReadDelays(ref reader, sums.Delays, sums.Classes?.Classes ?? 1);
        return sums;
    }

    private static void WriteClasses(CompactWriter writer, ClassCounts classes)
    {
        writer.Byte((byte)(classes.Classes - 1));
        for (var i = 1; i < classes.Classes; i++)
        {
            writer.Bytes(classes.Name(i));
        }

        foreach (var count in (ReadOnlySpan<long>)
            [classes.Count, classes.Right, classes.LastCount, classes.LastRight, classes.OnlyModelRight, classes.OnlyLastRight])
        {
            writer.Count(count);
        }

        // cells in rows; the distance from the cell before says which, 0 ends them
        var gap = 1;
        for (var cell = 0; cell < classes.Classes * classes.Classes; cell++, gap++)
        {
            var (row, column) = (cell / classes.Classes, cell % classes.Classes);
            if (classes.Cell(row, column) + classes.Last(row, column) > 0)
            {
                writer.Count(gap);
                writer.Count(classes.Cell(row, column));
                writer.Count(classes.Last(row, column));
                gap = 0;
            }
        }

        writer.Count(0);
    }

    private static void ReadClasses(ref CompactReader reader, ClassCounts classes)
    {
        var names = reader.Byte();
        for (var i = 1; i <= names; i++)
        {
            if (classes.IndexOf(reader.Bytes()) != i)
            {
                throw new InvalidDataException($"performance: expected up to {ClassCounts.Most} different classes, found another");
            }
        }

        (classes.Count, classes.Right, classes.LastCount) = (reader.Count(), reader.Count(), reader.Count());
        (classes.LastRight, classes.OnlyModelRight, classes.OnlyLastRight) = (reader.Count(), reader.Count(), reader.Count());
        var cell = -1L;
        for (var gap = reader.Count(); gap > 0; gap = reader.Count())
        {
            cell = Next(cell, gap, classes.Classes * classes.Classes);
            var (row, column) = ((int)cell / classes.Classes, (int)cell % classes.Classes);
            (classes.Cell(row, column), classes.Last(row, column)) = (reader.Count(), reader.Count());
        }
    }

    private static void WriteScores(CompactWriter writer, ScoreCounts scores)
    {
        writer.Count(scores.Count);
        if (scores.Count == 0)
        {
            return;
        }

        writer.Number(scores.LogLoss);
        writer.Number(scores.Brier);
        for (var tenth = 0; tenth < ScoreCounts.Tenths; tenth++)
        {
            writer.Count(scores.TenthCount[tenth]);
            if (scores.TenthCount[tenth] > 0)
            {
                writer.Count(scores.TenthHits[tenth]);
                writer.Number(scores.TenthScore[tenth]);
            }
        }

        // distance from the bin before, and in its last bits whether a single hit, a single miss or two counts follow; 0 ends them
        var gap = 1;
        for (var bin = 0; bin < ScoreBins.Count; bin++, gap++)
        {
            var (hits, misses) = (scores.Hits[bin], scores.Misses[bin]);
            if (hits + misses == 0)
            {
                continue;
            }

            var kind = hits + misses > 1 ? 3 : hits == 1 ? 2 : 1;
            writer.Count((gap << 2) | kind);
            if (kind == 3)
            {
                writer.Count(hits);
                writer.Count(misses);
            }

            gap = 0;
        }

        writer.Count(0);
    }

    private static void ReadScores(ref CompactReader reader, ScoreCounts scores)
    {
        scores.Count = reader.Count();
        if (scores.Count == 0)
        {
            return;
        }

        (scores.LogLoss, scores.Brier) = (reader.Number(), reader.Number());
        for (var tenth = 0; tenth < ScoreCounts.Tenths; tenth++)
        {
            scores.TenthCount[tenth] = reader.Count();
            if (scores.TenthCount[tenth] > 0)
            {
                (scores.TenthHits[tenth], scores.TenthScore[tenth]) = (reader.Count(), reader.Number());
            }
        }

        var bin = -1L;
        for (var step = reader.Count(); step > 0; step = reader.Count())
        {
            bin = Next(bin, step >> 2, ScoreBins.Count);
            (scores.Hits[bin], scores.Misses[bin]) = (step & 3) switch
            {
                3 => (reader.Count(), reader.Count()),
                2 => (1, 0),
                _ => (0, 1),
            };
        }
    }

    private static void WriteDistances(CompactWriter writer, DistanceSums distances)
    {
        foreach (var moments in (ReadOnlySpan<MomentSummary>)[distances.Error, distances.Label, distances.Prediction])
        {
            writer.Count(moments.Count);
            foreach (var number in (ReadOnlySpan<double>)[moments.Mean, moments.M2, moments.Min, moments.Max])
            {
                writer.Number(number);
            }
        }

        writer.Count(distances.LastCount);
        foreach (var number in (ReadOnlySpan<double>)[distances.Absolute, distances.Squares, distances.LastAbsolute, distances.LastSquares])
        {
            writer.Number(number);
        }

        for (var tenth = 0; tenth < DistanceSums.Tenths; tenth++)
        {
            writer.Count(distances.TenthCount[tenth]);
            if (distances.TenthCount[tenth] > 0)
            {
                writer.Number(distances.TenthError[tenth]);
                writer.Number(distances.TenthAbsolute[tenth]);
                writer.Number(distances.TenthSquares[tenth]);
            }
        }
    }

    private static void ReadDistances(ref CompactReader reader, DistanceSums distances)
    {
        (distances.Error, distances.Label, distances.Prediction) = (ReadMoments(ref reader), ReadMoments(ref reader), ReadMoments(ref reader));
        (distances.LastCount, distances.Absolute, distances.Squares) = (reader.Count(), reader.Number(), reader.Number());
        (distances.LastAbsolute, distances.LastSquares) = (reader.Number(), reader.Number());
        for (var tenth = 0; tenth < DistanceSums.Tenths; tenth++)
        {
            distances.TenthCount[tenth] = reader.Count();
            if (distances.TenthCount[tenth] > 0)
            {
                (distances.TenthError[tenth], distances.TenthAbsolute[tenth]) = (reader.Number(), reader.Number());
                distances.TenthSquares[tenth] = reader.Number();
            }
        }
    }

    private static MomentSummary ReadMoments(ref CompactReader reader) =>
        new(reader.Count(), reader.Number(), reader.Number(), reader.Number(), reader.Number());

    private static void WriteDelays(CompactWriter writer, DelayCounts delays)
    {
        // distance from the bin before over the bins of all classes; 0 ends them
        var gap = 1L;
        for (var index = 0; index < delays.Classes; index++)
        {
            var counts = delays.Of(index);
            if (counts.IsEmpty)
            {
                gap += DelayCounts.Bins;
                continue;
            }

            foreach (var count in counts)
            {
                if (count > 0)
                {
                    writer.Count(gap);
                    writer.Count(count);
                    gap = 0;
                }

                gap++;
            }
        }

        writer.Count(0);
    }

    private static void ReadDelays(ref CompactReader reader, DelayCounts delays, int classes)
    {
        var bin = -1L;
        for (var gap = reader.Count(); gap > 0; gap = reader.Count())
        {
            bin = Next(bin, gap, classes * DelayCounts.Bins);
            delays.Add((int)bin / DelayCounts.Bins, (int)bin % DelayCounts.Bins, reader.Count());
        }
    }

    private static long Next(long at, long gap, int end) =>
        gap > 0 && gap < end - at ? at + gap : throw new InvalidDataException($"performance: expected a step of 1 to {end - at - 1}, found {gap}");
}
