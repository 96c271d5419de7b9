using System.Globalization;

namespace Streaming.Host;

/// <summary>Times in files: RFC 3339 (a space in place of the T allowed) or milliseconds since 1970.</summary>
internal static class EventTime
{
    /// <summary>What is allowed, for messages.</summary>
    public const string Allowed = "RFC 3339 with an offset (2026-11-22T10:00:00Z) or milliseconds since 1970";

    private const string Readable = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    private static readonly string[] Forms = [Readable, "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK"];

    /// <summary>Milliseconds since 1970 of a time; false where it is none. A date without an offset could mean any instant of a day, so it is none.</summary>
    public static bool TryParse(in Cell cell, out long milliseconds)
    {
        milliseconds = 0;
        if (cell.Kind == CellKind.Number)
        {
            milliseconds = Math.Abs(cell.Number) < 9e15 ? (long)cell.Number : 0;
            return Math.Abs(cell.Number) < 9e15;
        }

        var text = cell.Text.AsSpan();
        if (cell.Kind != CellKind.Text || text.Length < 17 || (text[^1] is not ('Z' or 'z') && text[^6] is not ('+' or '-')))
        {
            return false;
        }

        if (!DateTimeOffset.TryParseExact(cell.Text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return false;
        }

        milliseconds = time.ToUnixTimeMilliseconds();
        return true;
    }

    /// <summary>The same instant in the form that events carry.</summary>
    public static string Write(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString(Readable, CultureInfo.InvariantCulture);
}
