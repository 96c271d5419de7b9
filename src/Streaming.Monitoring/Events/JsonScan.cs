using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Streaming.Monitoring;

/// <summary>Reads the usual shapes of JSON values from a record; what is unusual is not read, so that another reader must.</summary>
internal static class JsonScan
{
    private const int DateLength = 19;
    private const int FirstYear = 1900;
    private const int LastYear = 2200;
    private const int MostFractionDigits = 7;

    /// <summary>Text without escapes that begins with the quote at <paramref name="at"/>, which moves behind its end.</summary>
    public static bool Text(ReadOnlySpan<byte> record, ref int at, out Slice text)
    {
        var begin = at + 1;
        var end = begin;
        var isAscii = true;
        text = default;
        ref var first = ref MemoryMarshal.GetReference(record);
        while (end + Vector128<byte>.Count <= record.Length)
        {
            var block = Vector128.LoadUnsafe(ref first, (nuint)end);
            var stops = Stops(block).ExtractMostSignificantBits();
            var inText = stops == 0 ? Vector128<byte>.Count : System.Numerics.BitOperations.TrailingZeroCount(stops);
            isAscii &= (block.ExtractMostSignificantBits() & ((1u << inText) - 1)) == 0;
            end += inText;
            if (stops != 0)
            {
                break;
            }
        }

        while (end < record.Length && record[end] is >= 0x20 and not (byte)'"' and not (byte)'\\')
        {
            isAscii &= record[end++] < 0x80;
        }

        if (end >= record.Length || record[end] != '"' || end - begin > JsonValues.MaxTextBytes || (!isAscii && !Utf8.IsValid(record[begin..end])))
        {
            return false;
        }

        (text, at) = (new Slice(begin, end - begin, Unescaped: false), end + 1);
        return true;
    }

    /// <summary>Text, number, truth value or null at <paramref name="at"/>, which moves behind its end: what <see cref="JsonValues.Scalar"/> says of them.</summary>
    public static bool Scalar(ReadOnlySpan<byte> record, ref int at, out FieldKind kind, out double number, out Slice text)
    {
        (kind, number, text) = (FieldKind.Absent, double.NaN, default);
        if (at >= record.Length)
        {
            return false;
        }

        var length = 0;
        switch (record[at])
        {
            case (byte)'"':
                kind = FieldKind.Text;
                return Text(record, ref at, out text);
            case (byte)'t' when record[at..].StartsWith("true"u8):
                (kind, number, length) = (FieldKind.Truth, 1, 4);
                break;
            case (byte)'f' when record[at..].StartsWith("false"u8):
                (kind, number, length) = (FieldKind.Truth, 0, 5);
                break;
            case (byte)'n' when record[at..].StartsWith("null"u8):
                at += 4;
                return true;
            default:
                (kind, length) = (FieldKind.Number, JsonNumber.Read(record[at..], out number));
                break;
        }

        text = new Slice(at, length, Unescaped: false);
        at += length;
        return length > 0;
    }

    /// <summary>Milliseconds since 1970 of a time such as <c>2026-11-22T10:00:00.125Z</c> or with an offset <c>+01:00</c>.</summary>
    public static bool Time(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length <= DateLength || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        var (year, month, day) = ((Pair(text, 0) * 100) + Pair(text, 2), Pair(text, 5), Pair(text, 8));
        var (hour, minute, second) = (Pair(text, 11), Pair(text, 14), Pair(text, 17));
        if (year is < FirstYear or > LastYear || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
        {
            return false;
        }

        var at = DateLength;
        if (!Fraction(text, ref at, out var fraction) || !Offset(text[at..], out var offsetMinutes))
        {
            return false;
        }

        var days = DayNumber(year, month, day);
        milliseconds = (((((((days * 24) + hour) * 60) + minute - offsetMinutes) * 60) + second) * 1_000) + fraction;
        return true;
    }

    private static Vector128<byte> Stops(Vector128<byte> block) => Vector128.Equals(block, Vector128.Create((byte)'"'))
        | Vector128.Equals(block, Vector128.Create((byte)'\\')) | Vector128.Equals(Vector128.Min(block, Vector128.Create((byte)0x1F)), block);

    /// <summary>The number that two digits make; below 0, also in a sum with others, where one of them is none.</summary>
    private static int Pair(ReadOnlySpan<byte> text, int at)
    {
        var (tens, ones) = ((uint)(text[at] - '0'), (uint)(text[at + 1] - '0'));
        return tens <= 9 && ones <= 9 ? (int)((tens * 10) + ones) : -1_000_000;
    }

    private static bool Fraction(ReadOnlySpan<byte> text, ref int at, out int milliseconds)
    {
        milliseconds = 0;
        if (text[at] != '.')
        {
            return true;
        }

        var (begin, scale) = (++at, 100);
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            milliseconds += (text[at++] - '0') * scale;
            scale /= 10;
        }

        return at > begin && at - begin <= MostFractionDigits && at < text.Length;
    }

    private static bool Offset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text is [(byte)'Z'])
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':')
        {
            return false;
        }

        var (hour, minute) = (Pair(text, 1), Pair(text, 4));
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return hour is >= 0 and <= 13 && minute is >= 0 and <= 59;
    }

    /// <summary>Days since 1970: years that begin in March, so that a leap day is the last.</summary>
    private static long DayNumber(int year, int month, int day)
    {
        var shifted = month > 2 ? year : year - 1;
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        return (365L * shifted) + (shifted / 4) - (shifted / 100) + (shifted / 400) + dayOfYear - 719_468;
    }
}
