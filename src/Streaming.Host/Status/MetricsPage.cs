using System.Globalization;
using System.Text;

namespace Streaming.Host;

/// <summary>One line of a metrics page.</summary>
/// <param name="Name">Name of the metric.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The value of a label; empty where it has none.</summary>
    public string Label(string name) => Labels.GetValueOrDefault(name, "");
}

/// <summary>Reads what an instance serves at <c>/metrics</c>: the Prometheus text format.</summary>
internal static class MetricsPage
{
    /// <summary>All lines of the metrics that are asked for.</summary>
    /// <exception cref="FormatException">It is another text.</exception>
    public static IReadOnlyList<MetricSample> Parse(string text, HashSet<string> names)
    {
        var (samples, wanted) = (new List<MetricSample>(), names.GetAlternateLookup<ReadOnlySpan<char>>());
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range];
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var end = line.IndexOfAny('{', ' ');
            if (end < 0)
            {
                throw new FormatException("a line without a value");
            }

            if (wanted.TryGetValue(line[..end], out var name))
            {
                samples.Add(Sample(name, line[end..]));
            }
        }

        return samples;
    }

    private static MetricSample Sample(string name, ReadOnlySpan<char> rest)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (rest[0] == '{')
        {
            rest = Labels(rest[1..], labels);
        }

        var value = rest.Trim();
        var end = value.IndexOf(' ');
        return new MetricSample(name, labels, Number(end < 0 ? value : value[..end]));
    }

    /// <summary>Reads labels up to the brace; gives what is behind it.</summary>
    private static ReadOnlySpan<char> Labels(ReadOnlySpan<char> rest, Dictionary<string, string> labels)
    {
        while (true)
        {
            rest = rest.TrimStart(", ");
            if (rest is ['}', ..])
            {
                return rest[1..];
            }

            var equals = rest.IndexOf("=\"", StringComparison.Ordinal);
            if (equals < 0)
            {
                throw new FormatException("labels that do not end");
            }

            var name = rest[..equals].ToString();
            labels[name] = Value(rest[(equals + 2)..], out rest);
        }
    }

    private static string Value(ReadOnlySpan<char> rest, out ReadOnlySpan<char> after)
    {
        var text = new StringBuilder();
        for (var i = 0; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case '"':
                    after = rest[(i + 1)..];
                    return text.ToString();
                case '\\' when i + 1 < rest.Length:
                    i++;
                    text.Append(rest[i] == 'n' ? '\n' : rest[i]);
                    break;
                default:
                    text.Append(rest[i]);
                    break;
            }
        }

        throw new FormatException("a label that does not end");
    }

    private static double Number(ReadOnlySpan<char> text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw new FormatException("a value that is no number"),
    };
}
