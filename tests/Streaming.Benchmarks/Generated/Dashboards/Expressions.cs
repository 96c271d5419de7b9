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
    public static string ErrorLevel(string labels) => Held(
        $"(max by (model, version) (driftd_last_round_timestamp_seconds{{{labels}}}) - on (model, version) "
        + $"max by (model, version) (driftd_stream_last_drift_timestamp_seconds{{{Joined(labels, "stream=\"error\"")}}}) < 3600)",
        $"max by (model, version) (driftd_stream_level{{{Joined(labels, "stream=\"error\"")}}})");

    /// <summary>Level of each chosen stream; a drift is held for five minutes of event time.</summary>
    public static string StreamLevel { get; } = Held(
        $"({OfStream("driftd_stream_last_drift_timestamp_seconds")} > on (version) group_left () max by (version) (driftd_last_round_timestamp_seconds{{{ChosenVersions}}} - 300))",
        OfStream("driftd_stream_level"));

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
        ("custom.lineStyle", JsonNode.Parse("""{"fill":"dash","dash":[8,6]}""")),
        ("custom.fillOpacity", 0));

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
