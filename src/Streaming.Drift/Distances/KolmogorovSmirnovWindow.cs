namespace Streaming.Drift;

/// <summary>Kolmogorov–Smirnov distance of a sliding window from a reference at O(log n) per event, n values in the reference.</summary>
/// <remarks>
/// The idea of D. M. dos Reis, P. Flach, S. Matwin, G. Batista, Fast unsupervised online drift detection using incremental Kolmogorov–Smirnov test, KDD 2016; here the reference stands still, so a
/// fixed tree over its order takes the place of their treap: each node knows the sum and the greatest and least prefix sum of its part, in whole numbers. The distance has the
/// bits of the batch value. While the window fills up its size changes with each event, and reading costs one pass over the reference.
/// </remarks>
public sealed class KolmogorovSmirnovWindow
{
    private readonly PreparedReference _reference;
    private readonly SlidingWindow _window;
    private readonly int[] _cells;
    private readonly Node[] _tree;
    private readonly int _leaves;

    /// <summary>An empty window.</summary>
    /// <param name="reference">What normal was; at least one value.</param>
    /// <param name="capacity">Values kept, at least 1.</param>
    public KolmogorovSmirnovWindow(PreparedReference reference, int capacity)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfZero(reference.Count, nameof(reference));
        (_reference, _window) = (reference, new SlidingWindow(capacity));
        _cells = new int[2 * reference.DistinctValues.Length + 1];
        _leaves = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_cells.Length);
        _tree = new Node[2 * _leaves];
    }

    /// <summary>Values held now.</summary>
    public int Count => _window.Count;

    /// <summary>Adds one value; the oldest leaves when the window is full. NaN and infinities are passed over.</summary>
    /// <returns>Whether the value was finite.</returns>
    public bool Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return false;
        }

        var wasFull = _window.Add(value, out var left);
        var cell = _reference.Cell(value);
        _cells[cell]++;
        if (wasFull)
        {
            var old = _reference.Cell(left);
            _cells[old]--;
            Change(old, -_reference.Count);
            Change(cell, _reference.Count);
        }
        else if (_window.IsFull)
        {
            Build();
        }

        return true;
    }

    /// <summary>Distance and p-value; NaN while the window is empty.</summary>
    /// <param name="method">Law of the p-value. Default none: the exact law costs far more than an event.</param>
    public DistanceResult Compute(KolmogorovSmirnovMethod method = KolmogorovSmirnovMethod.None)
    {
        if (Count == 0)
        {
            return new DistanceResult("ks", double.NaN);
        }

        var root = _tree[1];
        var (above, below) = _window.IsFull ? (-root.Least, root.Greatest) : _reference.GreatestDifferences(_cells, Count);
        return KolmogorovSmirnov.Result(_reference.Count, Count, Math.Max(above, below), method);
    }

    /// <summary>Writes the values, oldest first; the reference is not part of it.</summary>
    public void Save(ref StateWriter writer) => _window.Save(ref writer);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">More values than this window can keep.</exception>
    public void Load(ref StateReader reader)
    {
        _window.Load(ref reader);
        Array.Clear(_cells);
        foreach (var value in _window.Values)
        {
            _cells[_reference.Cell(value)]++;
        }

        if (_window.IsFull)
        {
            Build();
        }
    }

    private void Build()
    {
        Array.Clear(_tree);
        for (var cell = 0; cell < _cells.Length; cell++)
        {
            var upTo = _reference.UpTo;
            var here = cell % 2 == 0 ? 0 : upTo[cell / 2] - (cell == 1 ? 0 : upTo[cell / 2 - 1]);
            _tree[_leaves + cell] = Node.Of((long)_cells[cell] * _reference.Count - (long)here * Count);
        }

        for (var node = _leaves - 1; node >= 1; node--)
        {
            _tree[node] = Node.Join(_tree[2 * node], _tree[2 * node + 1]);
        }
    }

    private void Change(int cell, long by)
    {
        var node = _leaves + cell;
        _tree[node] = Node.Of(_tree[node].Sum + by);
        for (node >>= 1; node >= 1; node >>= 1)
        {
            _tree[node] = Node.Join(_tree[2 * node], _tree[2 * node + 1]);
        }
    }

    private readonly record struct Node(long Sum, long Greatest, long Least)
    {
        public static Node Of(long weight) => new(weight, weight, weight);

        public static Node Join(in Node left, in Node right) =>
            new(left.Sum + right.Sum, Math.Max(left.Greatest, left.Sum + right.Greatest), Math.Min(left.Least, left.Sum + right.Least));
    }
}
