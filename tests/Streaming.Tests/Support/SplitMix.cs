namespace Streaming.Tests;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014), numbers in [0, 1).</summary>
internal sealed class SplitMix(int seed)
{
    private ulong _state = (ulong)seed;

    public double Next()
    {
        var z = _state += 0x9e37_79b9_7f4a_7c15;
        z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
