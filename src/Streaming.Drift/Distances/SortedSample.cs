namespace Streaming.Drift;

/// <summary>A sample's finite values in ascending order.</summary>
internal sealed class SortedSample
{
    // from here on sorting by digits beats sorting by comparisons
    private const int ByDigits = 512;
    private const int DigitBits = 11;
    private const int Digits = 6;
    private const int Radix = 1 << DigitBits;

    private readonly double[] _values;

    /// <summary>Copies and sorts; NaN and infinities are left out.</summary>
    public SortedSample(ReadOnlySpan<double> sample)
    {
        _values = new double[sample.Length];
        foreach (var value in sample)
        {
            if (double.IsFinite(value))
            {
                _values[Count++] = value;
            }
        }

        Ignored = sample.Length - Count;
        Sort(_values.AsSpan(0, Count));
    }

    /// <summary>Number of finite values.</summary>
    public int Count { get; private set; }

    /// <summary>Number of values left out.</summary>
    public int Ignored { get; }

    /// <summary>The values, least first.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>The value below which a share of the sample lies; between order statistics linear, as numpy's default.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        var position = share * (Count - 1);
        var below = Math.Min((int)position, Count - 1);
        var (low, high) = (_values[below], _values[Math.Min(below + 1, Count - 1)]);
        var fraction = position - below;
        return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
    }

    /// <summary>How many values lie in each of the bins e₀ ≤ x &lt; e₁ … whose inner edges are given; the outer bins are open.</summary>
    /// <param name="edges">Ascending; one fewer than bins.</param>
    /// <param name="counts">Receives the counts.</param>
    public void CountInto(ReadOnlySpan<double> edges, Span<long> counts)
    {
        var next = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            var from = next;
            while (next < Count && (bin == edges.Length || _values[next] < edges[bin]))
            {
                next++;
            }

            counts[bin] = next - from;
        }
    }

    private static void Sort(Span<double> values)
    {
        if (values.Length < ByDigits)
        {
            values.Sort();
            return;
        }

        var (keys, other, counts) = (new ulong[values.Length], new ulong[values.Length], new int[Digits * Radix]);
        for (var i = 0; i < values.Length; i++)
        {
            // whole numbers in the order of the values: all bits turned round below zero, the sign alone above
            var bits = BitConverter.DoubleToInt64Bits(values[i]);
            var key = (ulong)(bits ^ ((bits >> 63) | long.MinValue));
            keys[i] = key;
            for (var digit = 0; digit < Digits; digit++)
            {
                counts[digit * Radix + ((int)(key >> (digit * DigitBits)) & (Radix - 1))]++;
            }
        }

        for (var digit = 0; digit < Digits; digit++)
        {
            (keys, other) = Pass(keys, other, counts.AsSpan(digit * Radix, Radix), digit * DigitBits) ? (other, keys) : (keys, other);
        }

        for (var i = 0; i < values.Length; i++)
        {
            var key = (long)keys[i];
            values[i] = BitConverter.Int64BitsToDouble(key ^ ((~key >> 63) | long.MinValue));
        }
    }

    /// <summary>Moves keys into the order of one digit; false where all have the same and stay.</summary>
    private static bool Pass(ReadOnlySpan<ulong> from, Span<ulong> to, Span<int> counts, int shift)
    {
        if (counts[(int)(from[0] >> shift) & (Radix - 1)] == from.Length)
        {
            return false;
        }

        var next = 0;
        foreach (ref var count in counts)
        {
            (count, next) = (next, next + count);
        }

        foreach (var key in from)
        {
            to[counts[(int)(key >> shift) & (Radix - 1)]++] = key;
        }

        return true;
    }
}
