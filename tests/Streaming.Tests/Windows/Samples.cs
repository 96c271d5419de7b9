using System.Buffers;
using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>Seeded numbers for tests of windows, references and distances.</summary>
internal static class Samples
{
    public static double[] Uniform(int count, int seed)
    {
        var state = (ulong)seed * 0x9e37_79b9_7f4a_7c15 + 0x1234_5678_9abc_def1;
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = (state >> 11) * (1.0 / (1L << 53));
        }

        return values;
    }

    /// <summary>Lengths 0 to 257, each plain and with a NaN, an infinity, both infinities, zeros of both signs, sums that overflow.</summary>
    public static IEnumerable<double[]> EveryLength()
    {
        double[][] specials =
        [
            [], [double.NaN], [double.PositiveInfinity], [double.PositiveInfinity, double.NegativeInfinity], [0.0, -0.0], [1, -3, 1e300],
            [BitConverter.UInt64BitsToDouble(0xfff8_0000_0000_0123), double.NegativeInfinity], [1e308, 1e308, -1e308],
        ];
        for (var length = 0; length <= 257; length++)
        {
            foreach (var special in specials)
            {
                var values = Uniform(length, length + 1);
                for (var i = 0; i < special.Length && length > 0; i++)
                {
                    values[(length * (3 + i) / 4 + i) % length] = special[i];
                }

                yield return values;
            }
        }
    }
}

/// <summary>State written to memory and read again.</summary>
internal sealed class StateBytes
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Span => _bytes.WrittenSpan;

    public StateWriter Writer() => new(_bytes);

    public StateReader Reader() => new(_bytes.WrittenSpan);
}
