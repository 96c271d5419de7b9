using System.Diagnostics.Metrics;

namespace Streaming.Host;

/// <summary>Names as Prometheus wants them: letters, digits and underscores, the unit in full, counters ending in <c>_total</c>.</summary>
internal static class MetricName
{
    /// <summary>The name of the family an instrument becomes.</summary>
    public static string Of(Instrument instrument, bool isCounter)
    {
        var name = new string([.. instrument.Name.Select(static (c, i) => IsAllowed(c, i) || c == ':' ? c : '_')]);
        var unit = instrument.Unit switch
        {
            null or "" => "",
            "s" => "_seconds",
            "By" => "_bytes",
            "{record}" => "_records",
            _ => throw new NotSupportedException($"instrument {instrument.Name}: unit {instrument.Unit} is not one of s, By, {{record}}"),
        };
        var total = isCounter ? "_total" : "";
        return EndWith(EndWith(name, unit), total);
    }

    /// <summary>Whether a character may stand at this place of the name of a label.</summary>
    public static bool IsAllowed(char c, int index) => char.IsAsciiLetter(c) || c == '_' || (index > 0 && char.IsAsciiDigit(c));

    private static string EndWith(string name, string ending) => name.EndsWith(ending, StringComparison.Ordinal) ? name : name + ending;
}
