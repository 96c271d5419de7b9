using System.Buffers;
using System.Text;
using Streaming.Host;

namespace Streaming.Tests;

/// <summary>What a scrape reads.</summary>
internal static class Scrape
{
    /// <summary>Its lines.</summary>
    public static string[] Lines(PrometheusText text) => Whole(text).TrimEnd('\n').Split('\n');

    /// <summary>Without the count of what was dropped, which is always there.</summary>
    public static string Text(PrometheusText text) =>
        string.Concat(Whole(text).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("driftd_series_dropped_total", StringComparison.Ordinal)).Select(line => line + "\n"));

    private static string Whole(PrometheusText text)
    {
        var output = new ArrayBufferWriter<byte>();
        text.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
