using System.Globalization;
using System.Text;

namespace Streaming.Host;

/// <summary>Text from events, topics and brokers as it may be written to a log or a terminal: nobody's text ends a line or moves the cursor.</summary>
internal static class Printable
{
    /// <summary>The text with control characters, line ends and marks of writing direction written as <c>\uXXXX</c>.</summary>
    public static string Text(string text)
    {
        if (text.All(static c => !IsUnsafe(c)))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = IsUnsafe(c) ? clean.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)) : clean.Append(c);
        }

        return clean.ToString();
    }

    /// <summary>C0, DEL and C1; line and paragraph separators; marks that turn the direction of what follows.</summary>
    public static bool IsUnsafe(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
