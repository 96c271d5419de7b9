using System.Buffers;
using System.Globalization;
using System.Text;

namespace Streaming.Host;

/// <summary>Appends lines of the text format to a buffer, as UTF-8.</summary>
internal readonly ref struct TextBuffer(IBufferWriter<byte> output, bool openMetrics = false)
{
    /// <summary>What says once per family what it means and how it is to be read.</summary>
    public void Head(string name, string help, string type)
    {
        // OpenMetrics names a family of counters without the ending of its lines
        var family = openMetrics && type == "counter" && name.EndsWith("_total", StringComparison.Ordinal) ? name.AsSpan(0, name.Length - "_total".Length) : name;
        var escaped = help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        output.Write("# HELP "u8);
        Text(family);
        output.Write(" "u8);
        Text(openMetrics ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped);
        output.Write("\n# TYPE "u8);
        Text(family);
        output.Write(" "u8);
        Text(type);
        output.Write("\n"u8);
    }

    /// <summary>One line of one series; <paramref name="extra"/> is a label more, already escaped.</summary>
    public void Sample(string name, ReadOnlySpan<char> suffix, string labels, ReadOnlySpan<char> extra, double value)
    {
        Text(name);
        Text(suffix);
        if (labels.Length > 0 || extra.Length > 0)
        {
            output.Write("{"u8);
            Text(labels);
            if (labels.Length > 0 && extra.Length > 0)
            {
                output.Write(","u8);
            }

            Text(extra);
            output.Write("}"u8);
        }

        output.Write(" "u8);
        Number(value);
        output.Write("\n"u8);
    }

    /// <summary>What must stand last: to OpenMetrics a text without it is cut off.</summary>
    public void End()
    {
        if (openMetrics)
        {
            output.Write("# EOF\n"u8);
        }
    }

    /// <summary>A number as Go writes it, so that the same boundary is the same label to every reader.</summary>
    public static string Format(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');

    private void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            output.Write(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
            return;
        }

        value.TryFormat(output.GetSpan(32), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private void Text(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);
}
