using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Why a detector or distance gives the level it gives.</summary>
public enum LevelReason : byte
{
    /// <summary>No value has come: no label, for the error.</summary>
    NoValues,

    /// <summary>The reference is being learnt: nothing to compare with yet.</summary>
    NoReference,

    /// <summary>Too few values for a judgement, since the beginning or since the last drift; what was said before still stands.</summary>
    FewValues,

    /// <summary>The statistic is below its thresholds.</summary>
    Below,

    /// <summary>Beyond the threshold, but no more than the stream moved while its reference was learnt (a daily cycle).</summary>
    UsualSwing,

    /// <summary>Beyond the warning threshold.</summary>
    Warning,

    /// <summary>Beyond the drift threshold.</summary>
    Drift,

    /// <summary>Below the threshold again, but not by a fifth: the level is left only then.</summary>
    StillNear,
}

/// <summary>Where one detector or distance stands on one stream of a model version.</summary>
public readonly record struct StreamStanding(
    string Model, string Version, string Stream, string Detector, DriftLevel Level, double Estimate, double Statistic, double Threshold, long Count)
{
    /// <summary>Mean of the reference, or before the change that is suspected most.</summary>
    public double Before { get; init; }

    /// <summary>Event time of the newest entry into Drift, milliseconds since 1970; null where there was none.</summary>
    public long? LastDrift { get; init; }

    /// <summary>Why the level is what it is.</summary>
    public LevelReason Reason { get; init; }
}

/// <summary>The current window of a stream, in the stream's own unit; null where a figure means nothing for it.</summary>
/// <param name="Stream">Name of the stream.</param>
/// <param name="Mean">Mean of the values as they came.</param>
/// <param name="ReferenceMean">Mean of the references.</param>
/// <param name="Missing">Share of events without a value (features).</param>
/// <param name="NewCategories">Share of categories that no reference knows.</param>
/// <param name="OutOfRange">Share of values beyond the least and the largest of the references.</param>
public readonly record struct StreamFigures(
    string Stream, double? Mean, double? ReferenceMean, double? Missing, double? NewCategories, double? OutOfRange);

/// <summary>Where the streams of a model version stand after its newest round.</summary>
/// <param name="Model">Model name.</param>
/// <param name="Version">Model version.</param>
/// <param name="Since">Event time at which the version began to serve, milliseconds since 1970.</param>
/// <param name="RoundTime">Event time reached by the newest round, milliseconds since 1970; null before the first.</param>
/// <param name="Streams">Each stream and detector, as many as the budget allows.</param>
/// <param name="Figures">The windows of these streams.</param>
/// <param name="LeftOut">Streams that the budget had no room for.</param>
public sealed record VersionStanding(
    string Model, string Version, long Since, long? RoundTime, IReadOnlyList<StreamStanding> Streams, IReadOnlyList<StreamFigures> Figures, int LeftOut)
{
    /// <summary>Shows as many streams as <paramref name="budget"/> pairs of stream and detector allow.</summary>
    internal static VersionStanding Of(string model, VersionMonitor version, int budget)
    {
        var (standings, figures, room) = (new List<StreamStanding>(), new List<StreamFigures>(), budget);

        // what concerns the whole model first, then the features that stand in Drift or Warning, then the others as they first appeared
        foreach (var stream in version.Streams.OrderBy(static stream => Rank(stream)))
        {
            if ((room -= stream.Watches.Count) < 0)
            {
                break;
            }

            standings.AddRange(stream.Standings(model, version.Version));
            figures.Add(stream.Figures());
        }

        return new VersionStanding(
            model, version.Version, version.Since, version.Rounds > 0 ? version.Watermark : null, [.. standings], [.. figures], version.Streams.Count - figures.Count);
    }

    private static int Rank(ModelStream stream) =>
        !stream.Name.StartsWith("feature:", StringComparison.Ordinal) ? 0 : Array.Exists(stream.Published, static level => level >= DriftLevel.Warning) ? 1 : 2;
}

/// <summary>What the policies of a model remember.</summary>
/// <param name="Model">Model name.</param>
/// <param name="CooldownLeft">Event time until the cooldown ends.</param>
/// <param name="LastTrigger">Event time of the newest trigger, milliseconds since 1970; null where there was none.</param>
public readonly record struct ModelStanding(string Model, TimeSpan CooldownLeft, long? LastTrigger);
