using Streaming.Drift;

namespace Streaming.Host;

/// <summary>SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014): the same numbers for a seed on every machine.</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;
    private double _spare = double.NaN;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9e37_79b9_7f4a_7c15;
        z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal, by Marsaglia's polar method (1964).</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        while (true)
        {
            var (x, y) = ((2 * Uniform()) - 1, (2 * Uniform()) - 1);
            var square = (x * x) + (y * y);
            if (square is < 1 and > 0)
            {
                var scale = Math.Sqrt(-2 * DeterministicMath.Log(square) / square);
                _spare = y * scale;
                return x * scale;
            }
        }
    }
}
