using System.Text.Json.Nodes;

namespace Streaming.Benchmarks;

/// <summary>Pieces that several dashboards need.</summary>
/// <remarks>
/// Gauges of a model come from the one instance that has it; while partitions move two may show it, so they are always taken by <c>max by</c>.
/// Counters of instances are added.
/// </remarks>
internal static class Expressions
{
    /// <summary>The chosen model and versions.</summary>
    public const string ChosenVersions = "model=\"$model\",version=~\"$version\"";

    /// <summary>The chosen model, versions and streams.</summary>
    public const string ChosenStreams = ChosenVersions + ",stream=~\"$stream\"";

    /// <summary>A gauge of model versions: one series a model version.</summary>
    public static string OfVersion(string metric, string labels) => $"max by (model, version) ({metric}{{{labels}}})";

    /// <summary>A gauge of streams: one series a stream.</summary>
    public static string OfStream(string metric, string labels = ChosenStreams) => $"max by (version, stream) ({metric}{{{labels}}})";

    /// <summary>A gauge of detectors: one series a stream and detector.</summary>
    public static string OfDetector(string metric, string labels = ChosenStreams) => $"max by (version, stream, detector) ({metric}{{{labels}}})";

    /// <summary>Level of each version's error; a drift is held for an hour of event time, for most last too shortly to be scraped.</summary>
    public static string ErrorLevel(string labels) => WorstLevel(labels, Joined(labels, "stream=\"error\""));

    /// <summary>Worst level of any stream of each version; a drift is held for an hour of event time.</summary>
    public static string AnyLevel { get; } = WorstLevel("", "");

    /// <summary>Share of wrong predictions of each version; the error of a regression is a distance, not a share.</summary>
    public static string ErrorRate(string labels) =>
        $"{OfVersion("driftd_stream_mean", Joined(labels, "stream=\"error\""))} unless on (model, version) {Mae(labels)}";

    /// <summary>Mean absolute error of each version that is a regression, in the unit of its label.</summary>
    public static string Mae(string labels) => OfVersion("driftd_performance", Joined(labels, "metric=\"mae\",window=\"current\""));

    /// <summary>What a counter has gained in 24 h; a series that began meanwhile began at what it showed first, which an increase does not count.</summary>
    public static string InDay(string counter) => $"round(sum(increase({counter}[24h])) + (sum(min_over_time({counter}[24h]) unless {counter} offset 24h) or vector(0))) or vector(0)";

    /// <summary>Level of each chosen stream; a drift is held for five minutes of event time.</summary>
    public static string StreamLevel { get; } = Held(
        $"({OfStream("driftd_stream_last_drift_timestamp_seconds")} > on (version) group_left () max by (version) (driftd_last_round_timestamp_seconds{{{ChosenVersions}}} - 300))",
        OfStream("driftd_stream_level"));

    private static string WorstLevel(string labels, string streams) => Held(
        $"(max by (model, version) (driftd_last_round_timestamp_seconds{{{labels}}}) - on (model, version) "
        + $"max by (model, version) (driftd_stream_last_drift_timestamp_seconds{{{streams}}}) < 3600)",
        $"max by (model, version) (driftd_stream_level{{{streams}}})");

    private static string Held(string drifted, string level) => $"{drifted} * 0 + 3 or {level}";

    private static string Joined(string labels, string more) => labels.Length > 0 ? $"{labels},{more}" : more;

    /// <summary>Increase per second of a counter, added by these labels.</summary>
    public static string Rate(string counter, string by, string labels = "") => $"sum by ({by}) (rate({counter}{{{labels}}}[$__rate_interval]))";

    /// <summary>A quantile of a histogram by stage.</summary>
    public static string Quantile(double quantile, string histogram) =>
        FormattableString.Invariant($"histogram_quantile({quantile}, sum by (stage, le) (rate({histogram}_bucket[$__rate_interval])))");

    /// <summary>A drawn threshold: red and dashed.</summary>
    public static Look Dashed(string name) => new(
        name,
        ("color", JsonNode.Parse("""{"mode":"fixed","fixedColor":"red"}""")),
        ("custom.lineStyle", JsonNode.Parse("""{"fill":"dash","dash":[8,6]}""")));

    /// <summary>What is only compared with: dotted.</summary>
    public static Look Dotted(string name) => new(name, ("custom.lineStyle", JsonNode.Parse("""{"fill":"dot","dash":[2,6]}""")));

    /// <summary>A column of levels: words in their colours.</summary>
    public static Look LevelColumn(string name) => new(
        name,
        ("mappings", Panel.Levels),
        ("custom.cellOptions", JsonNode.Parse("""{"type":"color-text"}""")),
        ("thresholds", JsonNode.Parse("""{"mode":"absolute","steps":[{"value":null,"color":"blue"},{"value":1,"color":"green"},{"value":2,"color":"orange"},{"value":3,"color":"red"}]}""")));

    /// <summary>Columns of a table named, or hidden where they have no name, once the answers have been merged into rows.</summary>
    public static JsonArray Columns(params (string From, string To)[] columns)
    {
        var (names, order, hidden) = (new JsonObject(), new JsonObject(), new JsonObject { ["Time"] = true });
        foreach (var (from, to) in columns)
        {
            if (to.Length == 0)
            {
                hidden[from] = true;
                continue;
            }

            (names[from], order[from]) = (to, order.Count);
        }

        return
        [
            new JsonObject { ["id"] = "merge", ["options"] = new JsonObject() },
            new JsonObject
            {
                ["id"] = "organize",
                ["options"] = new JsonObject { ["excludeByName"] = hidden, ["indexByName"] = order, ["renameByName"] = names },
            },
        ];
    }
}
