using System.Buffers.Binary;

namespace Streaming.Monitoring;

/// <summary>64 bits that stand for an id: eight bytes at a time, multiplied to 128 bits and folded. The same on every CPU.</summary>
/// <remarks>Among 10 million open predictions one more id meets a foreign one with probability 5 · 10⁻¹³.</remarks>
internal static class IdHash
{
    private const ulong Begin = 0x9e37_79b9_7f4a_7c15;
    private const ulong Step = 0xd6e8_feb8_6659_fd93;
    private const ulong End = 0xa076_1d64_78bd_642f;

    public static ulong Of(ReadOnlySpan<byte> id)
    {
        var hash = Begin ^ ((ulong)id.Length * End);
        while (id.Length >= 8)
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(id), Step);
            id = id[8..];
        }

        Span<byte> rest = stackalloc byte[8];
        rest.Clear();
        id.CopyTo(rest);
        return Fold(Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest), Step) ^ End, Begin);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);

        // the operand itself too, so that a product of zero forgets nothing
        return high ^ low ^ a;
    }
}
