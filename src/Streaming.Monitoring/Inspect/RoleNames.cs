namespace Streaming.Monitoring;

/// <summary>Names that publishers give to the fields of a prediction event, the commonest first; lower case, letters and digits only.</summary>
internal static class RoleNames
{
    private static readonly string[] Answers = ["prediction", "output", "result", "response"];

    private static readonly Dictionary<EventField, string[]> Names = new()
    {
        [EventField.Id] =
        [
            "predictionid", "eventid", "requestid", "inferenceid", "id", "uuid", "transactionid", "messageid", "correlationid", "recordid",
        ],
        [EventField.Model] = ["model", "modelname", "modelid", "modelkey", "endpoint", "endpointname", "deployment"],
        [EventField.Version] = ["modelversion", "version", "modelrevision", "revision", "modelver"],
        [EventField.Time] =
        [
            "eventtime", "time", "timestamp", "ts", "eventtimestamp", "predictiontime", "predictedat", "createdat", "occurredat", "datetime", "timestampms",
        ],
        [EventField.Features] = ["features", "inputs", "input", "featurevalues", "featurevector", "attributes", "variables", "instance", "x", "row", "data"],
        [EventField.Prediction] =
        [
            "prediction", "predicted", "pred", .. Answers.SelectMany(static answer => Inner(answer)), "score", "probability", "proba", "predictedvalue",
            "predictedclass", "predictedlabel", "probabilities", "yhat", "ypred", "output", "result", "forecast", "estimate", "decision",
        ],
        [EventField.Label] = ["label", "truth", "groundtruth", "actual", "actualvalue", "target", "ytrue", "y", "outcome", "expected"],
        [EventField.Latency] =
        [
            "latencyms", "durationms", "inferencetimems", "elapsedms", "responsetimems", "processingtimems", "tookms", "latencymilliseconds",
        ],
        [EventField.Failure] = ["failure", "failed", "error", "errormessage", "exception"],
    };

    /// <summary>How likely a key plays a role by its name: 0 is likeliest; null where it does not.</summary>
    /// <remarks>A key also goes by its parent's name and its own, as in <c>model.version</c>; where that plays a role, its own name plays no other.</remarks>
    public static int? Rank(EventField role, ShapeKey key)
    {
        var (own, whole) = (Plain(key.Name), Plain(key.Parent?.Name ?? "") + Plain(key.Name));
        var asWhole = Array.IndexOf(Names[role], whole);
        if (asWhole >= 0)
        {
            return asWhole;
        }

        var isTaken = key.Parent is not null && Names.Any(names => names.Key != role && names.Value.Contains(whole));
        var asOwn = Array.IndexOf(Names[role], own);
        return asOwn >= 0 && !isTaken ? asOwn : null;
    }

    /// <summary>Whether a name says that the key is no feature.</summary>
    public static bool PlaysARole(ShapeKey key) =>
        Names.Keys.Any(role => role != EventField.Features && Rank(role, key) is not null);

    private static IEnumerable<string> Inner(string answer) =>
        ((string[])["score", "probability", "value", "class", "label", "proba", "probabilities"]).Select(inner => answer + inner);

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
