namespace Streaming.Host;

/// <summary>The stream of a model version that is nearest to an alarm.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Detector">The detector that watches it.</param>
/// <param name="Statistic">What the detector measured last.</param>
/// <param name="Threshold">What that is compared with.</param>
internal sealed record NearestStream(string Stream, string Detector, double Statistic, double Threshold)
{
    /// <summary>Share of the way to the threshold: 1 is there.</summary>
    public double Share => Statistic / Threshold;
}

/// <summary>How a model version stands.</summary>
internal sealed record VersionStatus
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    /// <summary>learning, stable, warning or drift; null where this instance does not decide.</summary>
    public string? Level { get; init; }

    public NearestStream? Nearest { get; init; }

    /// <summary>Pairs of stream and detector that are watched.</summary>
    public int Watched { get; init; }

    /// <summary>Those that do not judge yet, by reason.</summary>
    public IReadOnlyDictionary<string, int> Learning { get; init; } = new Dictionary<string, int>();

    /// <summary>Events and labels taken since this instance began; null where it does not detect.</summary>
    public double? Events { get; init; }

    public double? Labels { get; init; }

    /// <summary>Event time of the newest trigger of the model.</summary>
    public DateTimeOffset? LastTrigger { get; init; }

    /// <summary>Event time until the model may trigger again.</summary>
    public TimeSpan CooldownLeft { get; init; }
}

/// <summary>What a running instance tells of itself and of its models.</summary>
/// <param name="Ready">Stages that run, and whether each is ready.</param>
/// <param name="Lag">Records that each stage has not processed yet.</param>
/// <param name="DeadLetters">Records that could not be used since it began.</param>
/// <param name="Versions">Model versions, those nearest to an alarm first.</param>
internal sealed record InstanceStatus(
    IReadOnlyDictionary<string, bool> Ready, IReadOnlyDictionary<string, double> Lag, double DeadLetters, IReadOnlyList<VersionStatus> Versions)
{
    private const int Learnt = 1;

    private static readonly string[] Levels = ["learning", "stable", "warning", "drift"];

    private static readonly HashSet<string> NotYet = ["no_values", "no_reference", "few_values"];

    /// <summary>Metrics that are read.</summary>
    public static HashSet<string> Names { get; } = new(StringComparer.Ordinal)
    {
        "driftd_ready", "driftd_consumer_lag_records", "driftd_dead_letters_total", "driftd_events_total", "driftd_labels_total", "driftd_stream_level",
        "driftd_stream_statistic", "driftd_stream_threshold", "driftd_stream_reason", "driftd_last_trigger_timestamp_seconds", "driftd_cooldown_left_seconds",
    };

    /// <summary>From the lines of its metrics.</summary>
    public static InstanceStatus Of(IReadOnlyList<MetricSample> samples)
    {
        var byName = samples.ToLookup(static sample => sample.Name);
        var models = byName["driftd_stream_level"].Concat(byName["driftd_events_total"])
            .Select(static sample => (Model: sample.Label("model"), Version: sample.Label("version"))).Distinct();
        var byModel = samples.ToLookup(static sample => (sample.Name, sample.Label("model"), sample.Label("version")));

        // detect comes before decide, as events do
        return new(
            byName["driftd_ready"].OrderByDescending(static sample => sample.Label("stage"), StringComparer.Ordinal).ToDictionary(static sample => sample.Label("stage"), static sample => sample.Value > 0),
            byName["driftd_consumer_lag_records"].GroupBy(static sample => sample.Label("stage")).OrderByDescending(static stage => stage.Key, StringComparer.Ordinal)
                .ToDictionary(static stage => stage.Key, static stage => stage.Sum(static sample => sample.Value)),
            byName["driftd_dead_letters_total"].Sum(static sample => sample.Value),
            [
                .. models.Select(model => Version(byModel, model.Model, model.Version))
                    .OrderByDescending(static version => Array.IndexOf(Levels, version.Level)).ThenByDescending(static version => version.Nearest?.Share ?? 0)
                    .ThenBy(static version => version.Model, StringComparer.Ordinal).ThenBy(static version => version.Version, StringComparer.Ordinal),
            ]);
    }

    private static VersionStatus Version(ILookup<(string, string, string), MetricSample> byModel, string model, string version)
    {
        IEnumerable<MetricSample> OfVersion(string name) => byModel[(name, model, version)];
        double? One(string name, string of) => byModel[(name, model, of)].Select(static sample => (double?)sample.Value).FirstOrDefault();

        var levels = OfVersion("driftd_stream_level").ToList();
        return new VersionStatus
        {
            Model = model,
            Version = version,
            Level = levels.Count == 0 ? null : Levels[(int)levels.Max(static sample => sample.Value)],
            Nearest = Nearest(OfVersion("driftd_stream_statistic"), OfVersion("driftd_stream_threshold")),
            Watched = levels.Count,
            Learning = levels.Where(static sample => sample.Value < Learnt).Select(sample => ReasonOf(sample, OfVersion("driftd_stream_reason")))
                .CountBy(static reason => reason).OrderBy(static reason => reason.Key, StringComparer.Ordinal).ToDictionary(),
            Events = One("driftd_events_total", version),
            Labels = One("driftd_labels_total", version),
            LastTrigger = One("driftd_last_trigger_timestamp_seconds", "") is { } seconds ? DateTimeOffset.FromUnixTimeMilliseconds((long)(1_000 * seconds)) : null,
            CooldownLeft = TimeSpan.FromSeconds(One("driftd_cooldown_left_seconds", "") ?? 0),
        };
    }

    private static NearestStream? Nearest(IEnumerable<MetricSample> statistics, IEnumerable<MetricSample> thresholds)
    {
        var known = thresholds.Where(static sample => sample.Value > 0 && double.IsFinite(sample.Value)).ToDictionary(Pair, static sample => sample.Value);
        return statistics.Where(sample => known.ContainsKey(Pair(sample)) && double.IsFinite(sample.Value))
            .Select(sample => new NearestStream(sample.Label("stream"), sample.Label("detector"), sample.Value, known[Pair(sample)]))
            .MaxBy(static stream => stream.Share);
    }

    private static string ReasonOf(MetricSample level, IEnumerable<MetricSample> reasons) =>
        reasons.FirstOrDefault(reason => Pair(reason) == Pair(level))?.Label("reason") is { Length: > 0 } reason && NotYet.Contains(reason) ? reason : "no_values";

    private static (string Stream, string Detector) Pair(MetricSample sample) => (sample.Label("stream"), sample.Label("detector"));
}
