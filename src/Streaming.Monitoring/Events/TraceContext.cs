namespace Streaming.Monitoring;

/// <summary>The header by which a record says which trace it belongs to: W3C Trace Context, version 00.</summary>
internal static class TraceContext
{
    /// <summary>Name of the header.</summary>
    public const string Header = "traceparent";

    private const int Length = 55;

    /// <summary>Whether a value is one: 00, 32 digits of the trace, 16 of the span, two of flags. Nothing else of an event can look so.</summary>
    public static bool IsOne(ReadOnlySpan<byte> value) =>
        value.Length == Length && value.StartsWith("00-"u8) && value[35] == '-' && value[52] == '-'
        && IsId(value[3..35]) && IsId(value[36..52]) && IsHex(value[53..]);

    private static bool IsId(ReadOnlySpan<byte> id) => IsHex(id) && id.ContainsAnyExcept((byte)'0');

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower((char)c))
            {
                return false;
            }
        }

        return true;
    }
}
