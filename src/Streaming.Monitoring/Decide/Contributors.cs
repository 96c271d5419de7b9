using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The streams that moved along with the one that a signal or trigger speaks of.</summary>
internal static class Contributors
{
    private const int Most = 5;

    // below its threshold, yet worth a look
    private const double Notable = 0.5;

    /// <summary>Streams in Warning or Drift, and those at half their threshold or more; by how far they stand in units of it, the farthest first.</summary>
    public static IReadOnlyList<Contributor> Of(VersionMonitor version, string except)
    {
        var found = new List<Contributor>();
        foreach (var stream in version.Streams)
        {
            if (stream.Name != except && stream.Name != ErrorStream.Name && Strongest(stream) is { } contributor)
            {
                found.Add(contributor);
            }
        }

        return
        [
            .. found.OrderByDescending(static c => c.Level).ThenByDescending(static c => Ratio(c.Value, c.Threshold))
                .ThenBy(static c => c.Stream, StringComparer.Ordinal).Take(Most),
        ];
    }

    /// <summary>A statistic in units of its threshold.</summary>
    public static double Ratio(double value, double threshold) => threshold > 0 ? Math.Abs(value) / threshold : 0;

    private static Contributor? Strongest(ModelStream stream)
    {
        Contributor? strongest = null;
        foreach (var watch in stream.Watches)
        {
            var isDistance = watch is DistanceWatch;
            var ratio = Ratio(watch.Evidence.Statistic, watch.Evidence.Threshold);
            if (watch.Level < DriftLevel.Warning && !(isDistance && watch.Level == DriftLevel.Stable && watch.Evidence.Statistic > 0 && ratio >= Notable))
            {
                continue;
            }

            if (strongest is not { } other || watch.Level > other.Level || (watch.Level == other.Level && ratio > Ratio(other.Value, other.Threshold)))
            {
                strongest = new Contributor(stream.Name, watch.Detector, watch.Evidence.Statistic, watch.Evidence.Threshold, watch.Level);
            }
        }

        return strongest;
    }
}
