using System.Globalization;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What a signal or trigger says to people: one sentence.</summary>
internal static class SignalWords
{
    /// <summary>Why a trigger was given, short.</summary>
    public static string Reason(Decision decision, VersionMonitor version)
    {
        var signal = decision.Lead;
        if (signal.Stream != ErrorStream.Name)
        {
            var streams = decision.Standing.Select(static standing => standing.Stream).Distinct(StringComparer.Ordinal);
            return "input drift: " + string.Join(", ", streams);
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"concept drift: {NameOfError(version)} {signal.Evidence.Before:0.00#} → {signal.Evidence.After:0.00#}");
    }

    /// <summary>The signal with what people are told.</summary>
    public static DriftSignal Explain(DriftSignal signal, VersionMonitor version)
    {
        var explained = signal with
        {
            Contributors = Contributors.Of(version, signal.Stream),
            Moved = Movement.Of(version, signal.ChangeRounds + version.Rounds - signal.Round, errorChanged: signal.Stream == ErrorStream.Name),
        };
        return explained with { Summary = Summary(explained, version) };
    }

    /// <summary>What, by how much, since when, what moved and what else stands out.</summary>
    public static string Summary(DriftSignal signal, VersionMonitor version)
    {
        var what = What(signal, version);
        if (signal.Level < DriftLevel.Warning)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Name(signal, version)} is back to normal: {signal.Detector} {signal.Evidence.Statistic:0.0##}, threshold {signal.Evidence.Threshold:0.0##}.");
        }

        var contributors = signal.Contributors.Count == 0
            ? "no other stream stands out"
            : "most likely with it: " + string.Join(", ", signal.Contributors.Select(Text));
        var labels = signal.Moved.Evidence.FirstOrDefault(static evidence => evidence.Of == MovedEvidence.LabelsGivenInputs);
        var evidence = labels.Of is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" ({labels.Test} {labels.Before:0.00#} → {labels.After:0.00#})");
        return $"{what} since {CloudEvent.Time(signal.ChangedAt)}; {signal.Moved.Text}{evidence}; {contributors}.";
    }

    private static string What(DriftSignal signal, VersionMonitor version)
    {
        var (name, evidence) = (Name(signal, version), signal.Evidence);
        if (signal.Detector is "adwin" or "page-hinkley" or "share" or "new-categories")
        {
            var verb = evidence.After > evidence.Before ? "rose" : "fell";
            return string.Create(CultureInfo.InvariantCulture, $"{name} {verb} from {evidence.Before:0.00#} to {evidence.After:0.00#}");
        }

        var values = version.Streams.Any(stream => stream.Name == signal.Stream && stream.Kind == StreamKind.Numeric)
            ? string.Create(CultureInfo.InvariantCulture, $", mean {evidence.Before:0.###} → {evidence.After:0.###}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{name} moved ({signal.Detector} {evidence.Statistic:0.0##}, threshold {evidence.Threshold:0.0##}{values})");
    }

    private static string Name(DriftSignal signal, VersionMonitor version)
    {
        var stream = signal.Stream.Replace("feature:", "feature ", StringComparison.Ordinal);
        return signal.Detector switch
        {
            _ when signal.Stream == ErrorStream.Name => NameOfError(version),
            "share" => "share of " + stream,
            "new-categories" => "share of new categories of " + stream,
            "adwin" or "page-hinkley" => "mean rank of " + stream,
            _ => "distribution of " + stream,
        };
    }

    private static string NameOfError(VersionMonitor version) =>
        version.Streams.Any(static stream => stream.Name == ErrorStream.Name && stream.Kind == StreamKind.Numeric)
            ? "rank of the absolute error" : "error rate";

    private static string Text(Contributor contributor)
    {
        var stream = contributor.Stream.Replace("feature:", "feature ", StringComparison.Ordinal);
        var below = contributor.Level < DriftLevel.Warning ? ", below it" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{stream} ({contributor.Distance} {contributor.Value:0.0##}, threshold {contributor.Threshold:0.0##}{below})");
    }
}
