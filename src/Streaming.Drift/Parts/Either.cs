using System.Runtime.CompilerServices;

namespace Streaming.Drift;

/// <summary>One of two numbers, without a branch: where a condition is as good as random, a branch costs more than both numbers.</summary>
internal static class Either
{
    /// <summary>The first where the condition holds, else the second; the bits as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(bool isFirst, double first, double second)
    {
        var mask = -(long)Unsafe.BitCast<bool, byte>(isFirst);
        return BitConverter.Int64BitsToDouble((BitConverter.DoubleToInt64Bits(first) & mask) | (BitConverter.DoubleToInt64Bits(second) & ~mask));
    }
}
