using System.Globalization;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What a trigger says to people: one sentence, and which streams moved most.</summary>
internal static class TriggerWords
{
    private const int MostContributors = 5;

    public static string Reason(Decision decision, VersionMonitor version)
    {
        var signal = decision.Lead;
        if (signal.Stream != ErrorStream.Name)
        {
            var streams = decision.Standing.Select(static standing => standing.Stream).Distinct(StringComparer.Ordinal);
            return "input drift: " + string.Join(", ", streams);
        }

        var regression = version.Streams.Any(static stream => stream.Name == ErrorStream.Name && stream.Kind == StreamKind.Numeric);
        var what = regression ? "rank of the absolute error" : "error rate";
        return string.Create(CultureInfo.InvariantCulture, $"concept drift: {what} {signal.Evidence.Before:0.00#} → {signal.Evidence.After:0.00#}");
    }

    /// <summary>Inputs by how far their distance stands in units of its threshold.</summary>
    public static IReadOnlyList<Contributor> Contributors(VersionMonitor version)
    {
        var found = new List<Contributor>();
        foreach (var stream in version.Streams)
        {
            foreach (var watch in stream.Watches)
            {
                if (watch.Detector == "psi" && watch.Level != DriftLevel.Learning)
                {
                    found.Add(new Contributor(stream.Name, watch.Detector, watch.Evidence.Statistic, watch.Evidence.Threshold));
                }
            }
        }

        return [.. found.OrderByDescending(static c => c.Value / c.Threshold).ThenBy(static c => c.Stream, StringComparer.Ordinal).Take(MostContributors)];
    }
}
