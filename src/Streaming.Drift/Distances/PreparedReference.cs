namespace Streaming.Drift;

/// <summary>A reference sample made ready once, so that comparing another sample with it costs only the other's work.</summary>
/// <remarks>NaN and infinities are left out and counted. One thread: results of the last call stay in its memory.</remarks>
public sealed class PreparedReference
{
    // search among so few values is a walk
    private const int Walked = 8;

    private readonly SortedSample _sample;
    private readonly double[] _distinct;
    private readonly int[] _upTo; // values at or below each distinct one
    private readonly int[] _starts;
    private readonly double _scale;
    private readonly int[] _cells;
    private (double[] Edges, long[] Counts, int Bins) _quantiles = ([], [], 0);

    /// <summary>Sorts the finite values of a sample.</summary>
    public PreparedReference(ReadOnlySpan<double> sample)
    {
        _sample = new SortedSample(sample);
        (_distinct, _upTo) = Distinct(_sample.Values);
        var slots = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, _distinct.Length));
        var scale = _distinct.Length > 1 ? slots / (_distinct[^1] - _distinct[0]) : 0;
        _scale = double.IsFinite(scale) ? scale : 0;
        _starts = Starts(slots);
        _cells = new int[2 * _distinct.Length + 1];
    }

    /// <summary>Number of finite values.</summary>
    public int Count => _sample.Count;

    /// <summary>Number of values left out.</summary>
    public int Ignored => _sample.Ignored;

    /// <summary>The finite values, least first.</summary>
    public ReadOnlySpan<double> Values => _sample.Values;

    /// <summary>The values that occur, each once, least first.</summary>
    internal ReadOnlySpan<double> DistinctValues => _distinct;

    /// <summary>How many values lie at or below each of <see cref="DistinctValues"/>.</summary>
    internal ReadOnlySpan<int> UpTo => _upTo;

    /// <summary>Where a finite value lies between the distinct ones: 2 i + 1 on the i-th, 2 i just before it.</summary>
    internal int Cell(double value)
    {
        if (_distinct.Length == 0)
        {
            return 0;
        }

        // rounding keeps the order, so values below a slot's first one lie in earlier slots
        var slot = Slot(value);
        var (low, high) = (_starts[slot], _starts[slot + 1]);
        while (high - low > Walked)
        {
            var middle = (low + high) >> 1;
            (low, high) = _distinct[middle] < value ? (middle + 1, high) : (low, middle);
        }

        while (low < high && _distinct[low] < value)
        {
            low++;
        }

        return 2 * low + (low < _distinct.Length && _distinct[low] == value ? 1 : 0);
    }

    /// <summary>max (i m − j n) and max (j n − i m) over all places, where i of n values of the reference and j of m others are less
    /// or equal: whole, so that ties of the statistic are ties; at least 0.</summary>
    internal (long Above, long Below) GreatestDifferences(ReadOnlySpan<double> finite)
    {
        Array.Clear(_cells);
        foreach (var value in finite)
        {
            _cells[Cell(value)]++;
        }

        return GreatestDifferences(_cells, finite.Length);
    }

    /// <summary>The same of values that were counted by <see cref="Cell"/>.</summary>
    internal (long Above, long Below) GreatestDifferences(ReadOnlySpan<int> cells, long count)
    {
        var (above, below, before, j) = (0L, 0L, 0L, 0L);
        for (var k = 0; k < _distinct.Length; k++)
        {
            // within a gap only j grows, so its end is the one place to look at
            j += cells[2 * k];
            below = Math.Max(below, j * Count - before * count);
            j += cells[2 * k + 1];
            before = _upTo[k];
            var difference = before * count - j * Count;
            (above, below) = (Math.Max(above, difference), Math.Max(below, -difference));
        }

        return (above, below);
    }

    /// <summary>Edges at quantiles, and the counts of the reference between them.</summary>
    internal (double[] Edges, long[] Counts) QuantileBins(int bins)
    {
        if (_quantiles.Bins != bins)
        {
            var edges = QuantileEdges(bins);
            _quantiles = (edges, Counted(edges), bins);
        }

        return (_quantiles.Edges, _quantiles.Counts);
    }

    /// <summary>Edges of equal widths over the range of both samples, and the counts of the reference between them.</summary>
    internal (double[] Edges, long[] Counts) EqualBins(int bins, ReadOnlySpan<double> finite)
    {
        var (least, greatest) = Moments.Extremes(finite);
        (least, greatest) = (Math.Min(Values[0], least), Math.Max(Values[^1], greatest));
        var width = greatest - least is var range && double.IsFinite(range) ? range / bins : (greatest / bins) - (least / bins);
        var edges = new double[bins - 1];
        for (var i = 0; i < edges.Length; i++)
        {
            edges[i] = least + (i + 1) * width;
        }

        return (edges, Counted(edges));
    }

    /// <summary>Edges so that every value of both samples has a bin of its own, and the counts of the reference between them.</summary>
    internal (double[] Edges, long[] Counts) DistinctBins(ReadOnlySpan<double> finite)
    {
        var all = new SortedSample([.. _distinct, .. Distinct(new SortedSample(finite).Values).Values]);
        var edges = Distinct(all.Values).Values[1..];
        return (edges, Counted(edges));
    }

    private static (double[] Values, int[] UpTo) Distinct(ReadOnlySpan<double> sorted)
    {
        var (values, upTo) = (new List<double>(sorted.Length), new List<int>(sorted.Length));
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i + 1 == sorted.Length || sorted[i + 1] != sorted[i])
            {
                values.Add(sorted[i]);
                upTo.Add(i + 1);
            }
        }

        return ([.. values], [.. upTo]);
    }

    private long[] Counted(double[] edges)
    {
        var counts = new long[edges.Length + 1];
        _sample.CountInto(edges, counts);
        return counts;
    }

    private double[] QuantileEdges(int bins)
    {
        if (Values[0] == Values[^1])
        {
            return [Values[0], Math.BitIncrement(Values[0])];
        }

        var edges = new List<double>(bins);
        for (var i = 1; i < bins; i++)
        {
            var edge = _sample.Quantile((double)i / bins);
            if (edges.Count == 0 || edge > edges[^1])
            {
                edges.Add(edge);
            }
        }

        return [.. edges];
    }

    private int[] Starts(int slots)
    {
        var starts = new int[slots + 2];
        foreach (var value in _distinct)
        {
            starts[Slot(value, slots) + 1]++;
        }

        for (var slot = 1; slot < starts.Length; slot++)
        {
            starts[slot] += starts[slot - 1];
        }

        return starts;
    }

    private int Slot(double value) => Slot(value, _starts.Length - 2);

    private int Slot(double value, int last)
    {
        var scaled = (value - _distinct[0]) * _scale;
        return scaled >= last ? last : scaled > 0 ? (int)scaled : 0;
    }
}
