namespace Streaming.Drift;

/// <summary>Wasserstein-1 distance of a sliding window from a reference at O(√N log N) per event, N values in both together.</summary>
/// <remarks>
/// All values in order, in blocks of about √N. Within a block the step heights and widths of F − G are known relative to the block's left end, sorted by height and summed up, so that its part of the
/// integral follows from the height at which it begins by one search. An event changes two blocks; of the others it only moves the height. Blocks are summed afresh when they change, so
/// nothing drifts: the distance differs from the batch value by rounding alone. While the window fills up its size changes with each event, and reading costs a batch value.
/// </remarks>
public sealed class WassersteinWindow
{
    private readonly PreparedReference _reference;
    private readonly SlidingWindow _window;
    private readonly int _blockSize;
    private readonly List<Block> _blocks = [];
    private int _mostBlocks;

    /// <summary>An empty window.</summary>
    /// <param name="reference">What normal was; at least one value.</param>
    /// <param name="capacity">Values kept, at least 1.</param>
    public WassersteinWindow(PreparedReference reference, int capacity)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfZero(reference.Count, nameof(reference));
        (_reference, _window) = (reference, new SlidingWindow(capacity));
        _blockSize = Math.Max(8, (int)Math.Sqrt(capacity + reference.Count) / 2);
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

        if (_window.Add(value, out var left))
        {
            Change(left, -1);
            Change(value, 1);
        }

        if (_window.IsFull && (_blocks.Count == 0 || _blocks.Count > _mostBlocks))
        {
            Build();
        }

        return true;
    }

    /// <summary>The distance; NaN while the window is empty.</summary>
    public DistanceResult Compute()
    {
        if (!_window.IsFull)
        {
            return Wasserstein.OfSamples(_reference, _window.Values);
        }

        var (sum, height) = (0.0, 0L);
        for (var i = 0; i < _blocks.Count; i++)
        {
            sum += _blocks[i].Part(height);
            height += _blocks[i].Rise;
            sum += i + 1 < _blocks.Count ? Math.Abs((double)height) * (_blocks[i + 1].First - _blocks[i].Last) : 0;
        }

        return new DistanceResult("wasserstein", sum / ((double)_reference.Count * Count));
    }

    /// <summary>Writes the values, oldest first; the reference is not part of it.</summary>
    public void Save(ref StateWriter writer) => _window.Save(ref writer);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">More values than this window can keep.</exception>
    public void Load(ref StateReader reader)
    {
        _window.Load(ref reader);
        _mostBlocks = 0;
        _blocks.Clear();
        if (_window.IsFull)
        {
            Build();
        }
    }

    private void Build()
    {
        _blocks.Clear();
        var current = new SortedSample(_window.Values);
        var pooled = new Pooled(_reference.Values, current.Values);
        while (pooled.Next())
        {
            if (_blocks.Count == 0 || _blocks[^1].Count == _blockSize)
            {
                _blocks.Add(new Block(2 * _blockSize));
            }

            _blocks[^1].Append(pooled.Value, pooled.InFirst, pooled.InSecond, _reference.Count, Count);
        }

        _mostBlocks = 4 * _blocks.Count + 4;
    }

    private void Change(double value, int by)
    {
        var (low, high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            (low, high) = _blocks[middle].First <= value ? (middle, high) : (low, middle - 1);
        }

        var block = _blocks[low];
        block.Change(value, by, _reference.Count);
        if (block.Count == 0)
        {
            _blocks.RemoveAt(low);
        }
        else if (block.Count == 2 * _blockSize)
        {
            _blocks.Insert(low + 1, block.Split());
        }
    }

    /// <summary>A stretch of the values in order.</summary>
    private sealed class Block(int capacity)
    {
        private readonly double[] _values = new double[capacity];
        private readonly long[] _steps = new long[capacity];
        private readonly int[] _held = new int[capacity]; // values of either sample here
        private readonly long[] _heights = new long[capacity];
        private readonly double[] _widths = new double[capacity + 1];
        private readonly double[] _areas = new double[capacity + 1];
        private bool _summed;
        private long _from;
        private double _part = double.NaN;

        public int Count { get; private set; }

        public long Rise { get; private set; }

        public double First => _values[0];

        public double Last => _values[Count - 1];

        public void Append(double value, int inReference, int inWindow, long reference, long window)
        {
            (_values[Count], _held[Count]) = (value, inReference + inWindow);
            _steps[Count] = inWindow * reference - inReference * window;
            Rise += _steps[Count++];
        }

        public void Change(double value, int by, long step)
        {
            var at = _values.AsSpan(0, Count).BinarySearch(value);
            if (at < 0)
            {
                at = ~at;
                Move(at, at + 1);
                (_values[at], _steps[at], _held[at]) = (value, 0, 0);
                Count++;
            }

            _held[at] += by;
            _steps[at] += by * step;
            Rise += by * step;
            if (_held[at] == 0)
            {
                Move(at + 1, at);
                Count--;
            }

            (_summed, _part) = (false, double.NaN);
        }

        public Block Split()
        {
            var half = Count / 2;
            var right = new Block(_values.Length) { Count = Count - half };
            _values.AsSpan(half, right.Count).CopyTo(right._values);
            _steps.AsSpan(half, right.Count).CopyTo(right._steps);
            _held.AsSpan(half, right.Count).CopyTo(right._held);
            Count = half;
            (Rise, right.Rise) = (Bins.Total(_steps.AsSpan(0, half)), Bins.Total(right._steps.AsSpan(0, right.Count)));
            (_summed, _part) = (false, double.NaN);
            return right;
        }

        /// <summary>∫ |F − G| between the first and the last value, in units of 1 / (n m), where F − G is <paramref name="from"/> before the first.</summary>
        public double Part(long from)
        {
            if (!double.IsNaN(_part) && _from == from)
            {
                return _part;
            }

            if (!_summed)
            {
                Summarise();
            }

            // steps whose height stays below zero count with the other sign
            var (low, high) = (0, Count - 1);
            while (low < high)
            {
                var middle = (low + high) >> 1;
                (low, high) = _heights[middle] + from < 0 ? (middle + 1, high) : (low, middle);
            }

            var (width, area) = (_widths[Count - 1] - 2 * _widths[low], _areas[Count - 1] - 2 * _areas[low]);
            (_from, _part) = (from, from * width + area);
            return _part;
        }

        private void Summarise()
        {
            // the last value's width ends in another block
            var height = 0L;
            for (var i = 0; i + 1 < Count; i++)
            {
                height += _steps[i];
                (_heights[i], _widths[i + 1]) = (height, _values[i + 1] - _values[i]);
            }

            _heights.AsSpan(0, Count - 1).Sort(_widths.AsSpan(1, Count - 1));
            for (var i = 0; i + 1 < Count; i++)
            {
                _areas[i + 1] = _areas[i] + _heights[i] * _widths[i + 1];
                _widths[i + 1] += _widths[i];
            }

            _summed = true;
        }

        private void Move(int from, int to)
        {
            _values.AsSpan(from, Count - from).CopyTo(_values.AsSpan(to));
            _steps.AsSpan(from, Count - from).CopyTo(_steps.AsSpan(to));
            _held.AsSpan(from, Count - from).CopyTo(_held.AsSpan(to));
        }
    }
}
