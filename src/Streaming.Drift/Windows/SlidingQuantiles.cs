namespace Streaming.Drift;

/// <summary>Exact quantiles of the last n values.</summary>
/// <remarks>
/// The values in order, in blocks of about √n: coming, leaving and asking cost O(√n), with memory moves of a few hundred bytes. A quantile is the one that sorting the window would give, bit for bit; between order statistics linear,
/// as numpy's default. NaN and infinities are passed over.
/// </remarks>
public sealed class SlidingQuantiles
{
    private readonly SlidingWindow _window;
    private readonly int _blockSize;
    private readonly List<(double[] Values, int Count)> _blocks = [];

    /// <summary>An empty window.</summary>
    /// <param name="capacity">Values kept (n), at least 1.</param>
    public SlidingQuantiles(int capacity)
    {
        _window = new SlidingWindow(capacity);
        _blockSize = Math.Max(8, (int)Math.Sqrt(capacity));
    }

    /// <summary>Values held now.</summary>
    public int Count => _window.Count;

    /// <summary>Adds one value; the oldest leaves when the window is full.</summary>
    /// <returns>Whether the value was finite.</returns>
    public bool Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return false;
        }

        if (_window.Add(value, out var left))
        {
            Remove(left);
        }

        Insert(value);
        return true;
    }

    /// <summary>The value below which a share of the window lies; NaN while it is empty.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        if (!(share >= 0 && share <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "must be 0 to 1");
        }

        if (Count == 0)
        {
            return double.NaN;
        }

        var position = share * (Count - 1);
        var below = Math.Min((int)position, Count - 1);
        var (low, high) = (At(below), At(Math.Min(below + 1, Count - 1)));
        var fraction = position - below;
        return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
    }

    /// <summary>Writes the values, oldest first.</summary>
    public void Save(ref StateWriter writer) => _window.Save(ref writer);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">More values than this window can keep.</exception>
    public void Load(ref StateReader reader)
    {
        _window.Load(ref reader);
        _blocks.Clear();
        foreach (var value in _window.Values)
        {
            Insert(value);
        }
    }

    private double At(int rank)
    {
        foreach (var (values, count) in _blocks)
        {
            if (rank < count)
            {
                return values[rank];
            }

            rank -= count;
        }

        throw new InvalidOperationException("The blocks hold fewer values than the window.");
    }

    private int BlockOf(double value)
    {
        var (low, high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            (low, high) = _blocks[middle].Values[0] <= value ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private void Insert(double value)
    {
        if (_blocks.Count == 0)
        {
            _blocks.Add((new double[2 * _blockSize], 0));
        }

        var block = BlockOf(value);
        var (values, count) = _blocks[block];
        var at = values.AsSpan(0, count).BinarySearch(value);
        at = at < 0 ? ~at : at;
        values.AsSpan(at, count - at).CopyTo(values.AsSpan(at + 1));
        values[at] = value;
        _blocks[block] = (values, ++count);
        if (count == values.Length)
        {
            var right = new double[values.Length];
            values.AsSpan(_blockSize).CopyTo(right);
            _blocks[block] = (values, _blockSize);
            _blocks.Insert(block + 1, (right, _blockSize));
        }
    }

    private void Remove(double value)
    {
        var block = BlockOf(value);
        var (values, count) = _blocks[block];
        var at = values.AsSpan(0, count).BinarySearch(value);
        values.AsSpan(at + 1, count - at - 1).CopyTo(values.AsSpan(at));
        _blocks[block] = (values, count - 1);
        if (count == 1)
        {
            _blocks.RemoveAt(block);
        }
    }
}
