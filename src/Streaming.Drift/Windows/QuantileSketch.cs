namespace Streaming.Drift;

/// <summary>Quantiles of streams too long to keep: deterministic, mergeable, with a bound on its own error.</summary>
/// <remarks>
/// The compactors of G. S. Manku, S. Rajagopalan, B. G. Lindsay, Approximate medians and other order statistics in one pass, SIGMOD 1998, one a level as in Z. Karnin, K. Lang, E. Liberty, Optimal quantile approximation in streams,
/// 2016, without its coins: a full level is sorted and every other value of it moves up with twice the weight, beginning by turns with the first and with the second. So no seed, and the errors of neighbouring compactions of a level are of opposite
/// sign: the rank of any value is wrong by at most <see cref="RankError"/>, which is counted along; without merging that is at most (log₂(n / k) + 3) n / (2 k) for k values a level, for instance 0.6 % of n at k = 2,048 and n = 10⁹.
/// Memory: k numbers a level.
/// </remarks>
public sealed class QuantileSketch
{
    private readonly List<Level> _levels = [];

    /// <summary>An empty sketch.</summary>
    /// <param name="levelSize">Values a level (k): even. 8 to 65,536, default 2,048.</param>
    public QuantileSketch(int levelSize = 2_048)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levelSize, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levelSize, 65_536);
        ArgumentOutOfRangeException.ThrowIfNotEqual(levelSize % 2, 0, nameof(levelSize));
        LevelSize = levelSize;
    }

    /// <summary>Values a level.</summary>
    public int LevelSize { get; }

    /// <summary>Finite values seen.</summary>
    public long Count { get; private set; }

    /// <summary>By how much the rank of a value (how many are less or equal) is wrong at most.</summary>
    public long RankError => Math.Max(_over, _under);

    private long _over;
    private long _under;

    /// <summary>Adds one value. NaN and infinities are passed over.</summary>
    /// <returns>Whether the value was finite.</returns>
    public bool Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return false;
        }

        Count++;
        Put(0, value);
        return true;
    }

    /// <summary>Adds what another sketch of the same size has seen; the other stays as it is.</summary>
    public void Merge(QuantileSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.LevelSize, LevelSize, nameof(other));
        ArgumentOutOfRangeException.ThrowIfEqual(other, this, nameof(other));
        (Count, _over, _under) = (Count + other.Count, _over + other._over, _under + other._under);
        for (var level = 0; level < other._levels.Count; level++)
        {
            foreach (var value in other._levels[level].Held.ToArray())
            {
                Put(level, value);
            }
        }
    }

    /// <summary>How many values are less or equal, wrong by at most <see cref="RankError"/>.</summary>
    public long Rank(double value)
    {
        var rank = 0L;
        for (var level = 0; level < _levels.Count; level++)
        {
            foreach (var held in _levels[level].Held)
            {
                rank += held <= value ? 1L << level : 0;
            }
        }

        return rank;
    }

    /// <summary>A value whose rank is about a share of the count; NaN of nothing.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        if (!(share >= 0 && share <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "must be 0 to 1");
        }

        var held = new List<(double Value, long Weight)>();
        for (var level = 0; level < _levels.Count; level++)
        {
            foreach (var value in _levels[level].Held)
            {
                held.Add((value, 1L << level));
            }
        }

        held.Sort();
        var (target, rank) = ((long)Math.Ceiling(share * Count), 0L);
        foreach (var (value, weight) in held)
        {
            rank += weight;
            if (rank >= target)
            {
                return value;
            }
        }

        return held.Count == 0 ? double.NaN : held[^1].Value;
    }

    /// <summary>Writes all levels.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Count);
        writer.Write(_over);
        writer.Write(_under);
        writer.Count(_levels.Count);
        foreach (var level in _levels)
        {
            writer.Write(level.Second);
            writer.Write(level.Held);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, by a sketch of the same size.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of such a sketch.</exception>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Count, _over, _under) = (reader.Int64(), reader.Int64(), reader.Int64());
        _levels.Clear();
        for (var left = reader.Length(5); left > 0; left--)
        {
            var level = new Level(LevelSize) { Second = reader.Bool() };
            level.Count = reader.Doubles(level.Values.AsSpan(0, LevelSize - 1));
            _levels.Add(level);
        }
    }

    private void Put(int at, double value)
    {
        while (_levels.Count <= at)
        {
            _levels.Add(new Level(LevelSize));
        }

        var level = _levels[at];
        level.Values[level.Count++] = value;
        if (level.Count < LevelSize)
        {
            return;
        }

        // with the first value of each pair ranks can only grow, with the second only fall, by one weight
        level.Values.AsSpan().Sort();
        var (start, weight) = (level.Second ? 1 : 0, 1L << at);
        (_over, _under) = level.Second ? (_over, _under + weight) : (_over + weight, _under);
        (level.Second, level.Count) = (!level.Second, 0);
        for (var i = start; i < LevelSize; i += 2)
        {
            Put(at + 1, level.Values[i]);
        }
    }

    private sealed class Level(int size)
    {
        public readonly double[] Values = new double[size];

        public int Count { get; set; }

        /// <summary>Whether the next compaction keeps the second of each pair.</summary>
        public bool Second { get; set; }

        public ReadOnlySpan<double> Held => Values.AsSpan(0, Count);
    }
}
