using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Which stream is watched by what, and which may trigger by itself, where nothing is configured.</summary>
internal static class StreamDefaults
{
    /// <summary>The detectors and distances of a stream, in the order in which their signals are written.</summary>
    public static IReadOnlyList<IWatch> Of(string stream, StreamKind kind, MonitoringOptions options) => (stream, kind) switch
    {
        (ErrorStream.Name, _) => [Adwin(options, Direction.Up)],
        ("latency", StreamKind.Numeric) => [PageHinkley()],
        (_, StreamKind.Numeric) =>
            [Adwin(options with { AdwinDelta = options.AdwinDelta / 10 }, Direction.Both), new DistanceWatch("psi", StreamDistances.Psi), new DistanceWatch("ks", StreamDistances.Ks)],
        ("prediction", StreamKind.Categorical) => [new DistanceWatch("psi", StreamDistances.CategoricalPsi)],
        (_, StreamKind.Categorical) =>
            [new DistanceWatch("psi", StreamDistances.CategoricalPsi), new DistanceWatch("new-categories", StreamDistances.NewCategories)],
        _ => [new DistanceWatch("share", StreamDistances.Share)],
    };

    /// <summary>Whether a stream triggers without the company of others.</summary>
    public static bool MayTrigger(string stream) => stream == ErrorStream.Name;

    /// <summary>Whether a stream counts towards a trigger on input drift.</summary>
    public static bool IsInput(string stream) =>
        stream is "prediction" or "score" || stream.StartsWith("feature:", StringComparison.Ordinal);

    private static DetectorWatch Adwin(MonitoringOptions options, Direction direction)
    {
        var adwin = new ElementAdwinOptions { Delta = options.AdwinDelta, Direction = direction };
        return new DetectorWatch("adwin", adwin, () => new ElementAdwin(adwin));
    }

    private static DetectorWatch PageHinkley()
    {
        var pageHinkley = new ElementPageHinkleyOptions { Direction = Direction.Up };
        return new DetectorWatch("page-hinkley", pageHinkley, () => new ElementPageHinkley(pageHinkley));
    }
}
