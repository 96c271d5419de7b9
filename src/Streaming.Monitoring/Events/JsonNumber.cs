using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Streaming.Monitoring;

/// <summary>Reads a JSON number at the beginning of some bytes, correctly rounded.</summary>
/// <remarks>
/// Up to 19 digits become a whole number w and a power of ten. Where both are exact as doubles one IEEE operation rounds once (W. D. Clinger, How to Read Floating
/// Point Numbers Accurately, 1990). Else 128 bits of the power of five are multiplied with w (D. Lemire, Number Parsing at a Gigabyte per Second, 2021). What is
/// outside of both goes to the parser of the runtime.
/// </remarks>
internal static class JsonNumber
{
    private const int MostDigits = 19;
    private const int LargestExactPower = 22;
    private const int LargestPower = 64;
    private const int MantissaBits = 52;
    private const int Bias = 1_023;
    private const int LongestWrittenExponent = 4;

    private static readonly double[] ExactPowers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];
    private static readonly (ulong High, ulong Low)[] Fives = MakeFives();

    /// <summary>Bytes of the number at the beginning of <paramref name="text"/>; 0 where there is none or it is too large for a double.</summary>
    public static int Read(ReadOnlySpan<byte> text, out double value)
    {
        value = double.NaN;
        var at = 0;
        var isNegative = text.Length > 0 && text[0] == '-';
        at += isNegative ? 1 : 0;
        var (whole, begin) = (0ul, at);
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            whole = (whole * 10) + (uint)(text[at++] - '0');
        }

        if (at == begin || (text[begin] == '0' && at > begin + 1))
        {
            return 0;
        }

        var (digits, power) = (at - begin, 0);
        if (at < text.Length && text[at] == '.')
        {
            var point = at++;
            at = Fraction(text, at, ref whole);
            if (at == point + 1)
            {
                return 0;
            }

            power = point + 1 - at;
            digits = text[begin] == '0' ? SignificantOf(text[(point + 1)..at]) : digits - power;
        }

        if (at < text.Length && (text[at] | 0x20) == 'e' && !Exponent(text, ref at, ref power))
        {
            return 0;
        }

        var isRead = digits <= MostDigits && TryMake(whole, power, out value);
        value = isRead && isNegative ? -value : value;
        return (isRead || Utf8Parser.TryParse(text[..at], out value, out _)) && double.IsFinite(value) ? at : 0;
    }

    private static int Fraction(ReadOnlySpan<byte> text, int at, ref ulong whole)
    {
        while (at + sizeof(ulong) <= text.Length)
        {
            var eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at));
            if (!BitConverter.IsLittleEndian || !AreDigits(eight))
            {
                break;
            }

            whole = (whole * 100_000_000) + OfDigits(eight);
            at += sizeof(ulong);
        }

        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            whole = (whole * 10) + (uint)(text[at++] - '0');
        }

        return at;
    }

    // a byte is a digit where its upper half is 3 and stays so when 6 is added
    private static bool AreDigits(ulong eight) =>
        ((eight & 0xF0F0_F0F0_F0F0_F0F0) | (((eight + 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) >> 4)) == 0x3333_3333_3333_3333;

    // neighbours are joined to pairs, pairs to fours, fours to the whole; the first digit is the lowest byte
    private static uint OfDigits(ulong eight)
    {
        eight -= 0x3030_3030_3030_3030;
        eight = (eight * 10) + (eight >> 8);
        return (uint)((((eight & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + (((eight >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32);
    }

    private static int SignificantOf(ReadOnlySpan<byte> fraction)
    {
        var zeros = 0;
        while (zeros < fraction.Length && fraction[zeros] == '0')
        {
            zeros++;
        }

        return fraction.Length - zeros;
    }

    private static bool Exponent(ReadOnlySpan<byte> text, ref int at, ref int power)
    {
        at++;
        var isNegative = at < text.Length && text[at] == '-';
        at += at < text.Length && text[at] is (byte)'-' or (byte)'+' ? 1 : 0;
        var (begin, exponent) = (at, 0);
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            // a longer one is far beyond all powers that are made here
            exponent = at - begin < LongestWrittenExponent ? (exponent * 10) + (text[at] - '0') : 10_000;
            at++;
        }

        power += isNegative ? -exponent : exponent;
        return at > begin;
    }

    private static bool TryMake(ulong whole, int power, out double value)
    {
        if (whole <= 1ul << (MantissaBits + 1) && power is >= -LargestExactPower and <= LargestExactPower)
        {
            value = power < 0 ? whole / ExactPowers[-power] : whole * ExactPowers[power];
            return true;
        }

        value = double.NaN;
        return whole != 0 && power is >= -LargestPower and <= LargestPower && TryMultiply(whole, power, out value);
    }

    private static bool TryMultiply(ulong whole, int power, out double value)
    {
        value = double.NaN;
        var zeros = BitOperations.LeadingZeroCount(whole);
        whole <<= zeros;
        var (fiveHigh, fiveLow) = Fives[power + LargestPower];
        var high = Math.BigMul(whole, fiveHigh, out var low);
        if ((high & 0x1FF) == 0x1FF)
        {
            // the bits below those that are kept may still carry
            var more = Math.BigMul(whole, fiveLow, out _);
            low += more;
            high += low < more ? 1ul : 0;
        }

        var top = (int)(high >> 63);
        var shift = top + 64 - MantissaBits - 3;
        var mantissa = high >> shift;
        if (low is <= 1 or ulong.MaxValue && (mantissa << shift == high || low == ulong.MaxValue))
        {
            // halfway between two doubles, or not known to lie on one side of the middle
            return false;
        }

        mantissa = (mantissa + (mantissa & 1)) >> 1;
        var exponent = (((152_170 + 65_536) * power) >> 16) + 63 + top - zeros + Bias;
        if (mantissa == 1ul << (MantissaBits + 1))
        {
            (mantissa, exponent) = (1ul << MantissaBits, exponent + 1);
        }

        value = BitConverter.UInt64BitsToDouble((mantissa & ~(1ul << MantissaBits)) | ((ulong)exponent << MantissaBits));
        return exponent is > 0 and < 2_047;
    }

    /// <summary>The upper 128 bits of 5 to each power, cut off; of negative powers rounded up.</summary>
    private static (ulong High, ulong Low)[] MakeFives()
    {
        var fives = new (ulong, ulong)[(2 * LargestPower) + 1];
        for (var power = -LargestPower; power <= LargestPower; power++)
        {
            var five = BigInteger.Pow(5, Math.Abs(power));
            var bits = (int)five.GetBitLength();
            var normal = power < 0 ? (BigInteger.One << (bits + 127)) / five + 1 : bits <= 128 ? five << (128 - bits) : five >> (bits - 128);
            fives[power + LargestPower] = ((ulong)(normal >> 64), (ulong)(normal & ulong.MaxValue));
        }

        return fives;
    }
}
