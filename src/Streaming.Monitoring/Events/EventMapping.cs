namespace Streaming.Monitoring;

/// <summary>Where the fields of a prediction event are found: JSON Pointers (RFC 6901) into the record's value.</summary>
public sealed record EventMapping
{
    /// <summary>Event id. Default <c>/id</c>.</summary>
    public string Id { get; init; } = "/id";

    /// <summary>Model name; absent in an event: the topic's name. Default <c>/model</c>.</summary>
    public string Model { get; init; } = "/model";

    /// <summary>Model version; absent in an event: <c>-</c>. Default <c>/version</c>.</summary>
    public string Version { get; init; } = "/version";

    /// <summary>Event time, RFC 3339 or epoch milliseconds; absent: the Kafka timestamp. Default <c>/time</c>.</summary>
    public string Time { get; init; } = "/time";

    /// <summary>Object of features. Default <c>/features</c>.</summary>
    public string Features { get; init; } = "/features";

    /// <summary>Number, class, or object of class → probability. Default <c>/prediction</c>.</summary>
    public string Prediction { get; init; } = "/prediction";

    /// <summary>The truth, where it is known already. Default <c>/label</c>.</summary>
    public string Label { get; init; } = "/label";

    /// <summary>How long the model took, milliseconds. Default <c>/latencyMs</c>.</summary>
    public string Latency { get; init; } = "/latencyMs";

    /// <summary>Why the model gave no answer; null or false: it did. Default <c>/failure</c>.</summary>
    public string Failure { get; init; } = "/failure";
}
