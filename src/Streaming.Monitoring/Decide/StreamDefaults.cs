using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Which stream is watched by what, and which may trigger by itself, where nothing is configured.</summary>
internal static class StreamDefaults
{
    // inputs are many and stick together (on AR(1) 0.9 a δ of 0.0002 gave an entry into Drift every 7·10⁶ events and stream, this none in 10⁸), and
    // what they say triggers nothing alone: they can wait for the larger evidence
    private const double InputCaution = 1_000;

    /// <summary>The detectors and distances of a stream, in the order in which their signals are written.</summary>
    public static IReadOnlyList<IWatch> Of(string stream, StreamKind kind, MonitoringOptions options) => (stream, kind) switch
    {
        (ErrorStream.Name, _) => [Adwin(options, Direction.Up)],
        ("latency", StreamKind.Numeric) => [PageHinkley()],
        (_, StreamKind.Numeric) =>
            [Adwin(options with { AdwinDelta = options.AdwinDelta / InputCaution }, Direction.Both), new DistanceWatch("psi", StreamDistances.Psi), new DistanceWatch("ks", StreamDistances.Ks)],
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
