namespace Streaming.Drift;

/// <summary>Random Fourier features of a Gaussian kernel: cos(w · x + b), whose products average to half of the kernel.</summary>
/// <remarks>
/// A. Rahimi, B. Recht, Random features for large-scale kernel machines, NIPS 2007, algorithm 1; streams: J. Zhao, D. Meng, FastMMD, Neural Computation 27, 2015. Drawn from a seed by
/// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, 2014) and the method of Box and Muller, with our own logarithm and cosine: the same features on every CPU. A feature is rounded to a
/// multiple of 2⁻²³, so that sums of them are whole numbers: exact in any order, and what is taken out again leaves no trace.
/// </remarks>
public sealed class RandomFeatures
{
    // the last bit of a feature: products of two, over 65,536 features, fit 64 bits
    private const double Unit = 1 << 23;
    private const double TwoPiHigh = 6.283185243606567; // its last 27 bits are zero, so that whole turns times it are exact
    private const double TwoPiLow = 6.357301909411278e-08;

    private readonly double[] _weights;
    private readonly double[] _phases;
    private ulong _random;

    /// <summary>Draws the features.</summary>
    /// <param name="columns">Numbers in a row, at least 1.</param>
    /// <param name="features">How many. 1 to 65,536.</param>
    /// <param name="bandwidth">Width of the kernel exp(−‖a − b‖² / (2 s²)), in the unit of the values; above 0.</param>
    /// <param name="seed">Decides which.</param>
    public RandomFeatures(int columns, int features, double bandwidth, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(features, 65_536);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bandwidth);
        (Columns, Count, _random) = (columns, features, (ulong)seed);
        (_weights, _phases) = (new double[columns * features], new double[features]);
        foreach (ref var weight in _weights.AsSpan())
        {
            weight = Math.Sqrt(-2 * DeterministicMath.Log(1 - Next())) * Cosine(2 * Math.PI * Next()) / bandwidth;
        }

        foreach (ref var phase in _phases.AsSpan())
        {
            phase = 2 * Math.PI * Next();
        }
    }

    /// <summary>Numbers in a row.</summary>
    public int Columns { get; }

    /// <summary>Number of features.</summary>
    public int Count { get; }

    /// <summary>What a product of two sums is divided by to give the kernel's sum.</summary>
    internal double Scale => Count * Unit * Unit / 2;

    /// <summary>The features of one finite row, in whole units.</summary>
    internal void Of(ReadOnlySpan<double> row, Span<long> features)
    {
        for (var k = 0; k < features.Length; k++)
        {
            var angle = _phases[k];
            for (var column = 0; column < row.Length; column++)
            {
                angle += _weights[k * Columns + column] * row[column];
            }

            features[k] = (long)Math.Round(Cosine(angle) * Unit);
        }
    }

    /// <summary>Cosine, from IEEE operations alone: whole turns taken out, folded to a quarter, then the series.</summary>
    internal static double Cosine(double x)
    {
        var turns = Math.Round(x * (1 / (2 * Math.PI)));
        var r = Math.Abs(x - turns * TwoPiHigh - turns * TwoPiLow);
        var far = r > Math.PI / 2;
        r = far ? Math.PI - r : r;
        var (square, series) = (r * r, 1.0);
        for (var n = 22; n >= 2; n -= 2)
        {
            series = 1 - series * square / (n * (n - 1));
        }

        return far ? -series : series;
    }

    private double Next()
    {
        var z = _random += 0x9e37_79b9_7f4a_7c15;
        z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}

/// <summary>Sums of random features over the rows of a window: MMD of a stream in O(features) per event.</summary>
/// <remarks>Whole numbers: after any adding and taking out the sums are those of the rows that are in, bit for bit.</remarks>
public sealed class FeatureSums(RandomFeatures features)
{
    private readonly long[] _sums = new long[features.Count];
    private readonly long[] _row = new long[features.Count];
    private Int128 _squares;

    /// <summary>Rows in it.</summary>
    public long Count { get; private set; }

    /// <summary>Puts one finite row in.</summary>
    public void Add(ReadOnlySpan<double> row) => Change(row, 1);

    /// <summary>Takes out a row that was put in.</summary>
    public void Remove(ReadOnlySpan<double> row) => Change(row, -1);

    /// <summary>Puts finite rows in, one after the other.</summary>
    public void AddRows(ReadOnlySpan<double> rows)
    {
        for (var i = 0; i < rows.Length; i += features.Columns)
        {
            Add(rows.Slice(i, features.Columns));
        }
    }

    /// <summary>The unbiased estimate of the squared discrepancy from sums of the same features; NaN with fewer than two rows in one of them.</summary>
    public double Mmd(FeatureSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other._sums.Length, _sums.Length, nameof(other));
        if (Count < 2 || other.Count < 2)
        {
            return double.NaN;
        }

        var (mine, its, both) = (-_squares, -other._squares, (Int128)0);
        for (var k = 0; k < _sums.Length; k++)
        {
            mine += (Int128)_sums[k] * _sums[k];
            its += (Int128)other._sums[k] * other._sums[k];
            both += (Int128)_sums[k] * other._sums[k];
        }

        var (n, m) = ((double)Count, (double)other.Count);
        return ((double)mine / (n * (n - 1)) + (double)its / (m * (m - 1)) - 2 * (double)both / (n * m)) / features.Scale;
    }

    private void Change(ReadOnlySpan<double> row, int sign)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, features.Columns, nameof(row));
        features.Of(row, _row);
        var squares = 0L;
        for (var k = 0; k < _row.Length; k++)
        {
            _sums[k] += sign * _row[k];
            squares += _row[k] * _row[k];
        }

        (_squares, Count) = (_squares + sign * (Int128)squares, Count + sign);
    }
}
