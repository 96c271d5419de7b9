namespace Streaming.Monitoring;

/// <summary>A stream that moved along with the one that triggered.</summary>
public readonly record struct Contributor(string Stream, string Distance, double Value, double Threshold);

/// <summary>The decision to retrain one model, with the evidence and the span of fresh data to train on.</summary>
public sealed record RetrainTrigger
{
    /// <summary>Identity: a function of policy and completing signal.</summary>
    public required string Id { get; init; }

    /// <summary>The signal that completed the decision.</summary>
    public required DriftSignal Signal { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>All signals that stood when it was decided, the completing one first.</summary>
    public required IReadOnlyList<DriftSignal> Evidence { get; init; }

    /// <summary>Offsets of each input partition that hold the new concept, rounded down to a pane.</summary>
    public required IReadOnlyList<OffsetSpan> FreshData { get; init; }

    /// <summary>Streams whose distribution moved most, largest first.</summary>
    public required IReadOnlyList<Contributor> Contributors { get; init; }

    /// <summary>Hash of the options that decided.</summary>
    public required string ConfigHash { get; init; }

    /// <summary>Event time before which this model gives no other trigger.</summary>
    public required long CooldownUntil { get; init; }

    /// <summary>The trigger as a CloudEvents 1.0 record (structured JSON).</summary>
    public OutputRecord ToRecord() => ToRecord(OutputTopic.Triggers, "drift.trigger.v1");

    /// <summary>A trigger that was written before, as a record.</summary>
    internal static OutputRecord RecordOf(string model, byte[] value) => CloudEvent.Record(OutputTopic.Triggers, model, value);

    /// <summary>The same as a proposal, which becomes a trigger when someone approves it.</summary>
    public OutputRecord ToProposal() => ToRecord(OutputTopic.Signals, "drift.proposal.v1");

    private OutputRecord ToRecord(OutputTopic topic, string type) =>
        CloudEvent.Record(topic, Signal.Model, type, Id, Signal.Group, Signal.DetectedAt, json =>
    {
        json.WriteString("model", Signal.Model);
        json.WriteString("version", Signal.Version);
        json.WriteString("reason", Reason);
        json.WriteString("severity", CloudEvent.Name(Signal.Level));
        json.WriteString("detectedAt", CloudEvent.Time(Signal.DetectedAt));
        json.WriteString("changedAt", CloudEvent.Time(Signal.ChangedAt));
        json.WriteStartArray("evidence");
        foreach (var signal in Evidence)
        {
            json.WriteStartObject();
            json.WriteString("stream", signal.Stream);
            json.WriteString("scope", "model");
            json.WriteString("detector", signal.Detector);
            CloudEvent.WriteEvidence(json, signal.Evidence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("freshData");
        foreach (var span in FreshData)
        {
            json.WriteStartObject();
            json.WriteString("topic", span.Topic);
            json.WriteNumber("partition", span.Partition);
            json.WriteNumber("fromOffset", span.FromOffset);
            json.WriteNumber("toOffset", span.ToOffset);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("contributors");
        foreach (var contributor in Contributors)
        {
            json.WriteStartObject();
            json.WriteString("stream", contributor.Stream);
            json.WriteString("distance", contributor.Distance);
            CloudEvent.Number(json, "value", contributor.Value);
            CloudEvent.Number(json, "threshold", contributor.Threshold);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("configHash", ConfigHash);
        json.WriteString("cooldownUntil", CloudEvent.Time(CooldownUntil));
    });
}
