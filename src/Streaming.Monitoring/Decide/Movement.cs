using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Finds what moved in a model version: inputs by their detectors and distances, labels given inputs by <see cref="LabelShift"/>.</summary>
internal static class Movement
{
    /// <summary>What moved, judged over the labels since so many rounds.</summary>
    /// <param name="version">The model version.</param>
    /// <param name="rounds">Rounds since the change that is asked about.</param>
    /// <param name="errorChanged">Whether it is a change of the error.</param>
    public static WhatMoved Of(VersionMonitor version, long rounds, bool errorChanged)
    {
        var evidence = new List<MovedEvidence>();
        var inputs = OfInputs(version, evidence);
        return new WhatMoved(inputs, OfLabels(version, rounds, errorChanged ? LabelShift.ErrorChanged : LabelShift.Unasked, evidence), evidence);
    }

    private static Moved OfInputs(VersionMonitor version, List<MovedEvidence> evidence)
    {
        (MovedEvidence Evidence, DriftLevel Level)? strongest = null;
        foreach (var stream in version.Streams.Where(static stream => StreamDefaults.IsInput(stream.Name)))
        {
            foreach (var watch in stream.Watches.Where(static watch => watch.Level != DriftLevel.Learning))
            {
                var of = watch.Evidence;
                var found = new MovedEvidence(
                    MovedEvidence.Inputs, stream.Name, watch.Detector, of.Statistic, of.Threshold, of.Before, of.After, of.Count);
                strongest = strongest is { } other && !IsStronger((found, watch.Level), other) ? other : (found, watch.Level);
            }
        }

        if (strongest is not { } most)
        {
            return Moved.Unknown;
        }

        evidence.Add(most.Evidence);
        return most.Level == DriftLevel.Drift ? Moved.Yes : Moved.No;
    }

    // levels first: a detector that is quiet says nothing by how near it is to its cut
    private static bool IsStronger((MovedEvidence Evidence, DriftLevel Level) a, (MovedEvidence Evidence, DriftLevel Level) b) =>
        a.Level != b.Level
            ? a.Level > b.Level
            : Contributors.Ratio(a.Evidence.Value, a.Evidence.Threshold) > Contributors.Ratio(b.Evidence.Value, b.Evidence.Threshold);

    private static Moved OfLabels(VersionMonitor version, long rounds, double errors, List<MovedEvidence> evidence)
    {
        var error = version.Streams.FirstOrDefault(static stream => stream.Name == ErrorStream.Name);
        if (error is null || version.Performance.Reference is not { } reference || version.Performance.Since(rounds) is not { } current ||
            LabelShift.Measure(reference, current, error.EarlierDependenceRatio, errors) is not { } found)
        {
            return Moved.Unknown;
        }

        evidence.Add(found);
        return found.Value >= found.Threshold ? Moved.Yes : Moved.No;
    }
}
