using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Where in the input a standing signal was seen by a partition's own detector.</summary>
public readonly record struct SignalSource(string Topic, int Partition, DriftLevel Level);

/// <summary>One stream of a model version entered Warning or Drift, or returned to Stable, as one detector sees it.</summary>
public sealed record DriftSignal
{
    /// <summary>Identity: a function of the panes log, the same for ever.</summary>
    public required string Id { get; init; }

    /// <summary>Group that decided.</summary>
    public required string Group { get; init; }

    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>Model version.</summary>
    public required string Version { get; init; }

    /// <summary>Stream: error, prediction, score, missing, failure, latency, feature:NAME.</summary>
    public required string Stream { get; init; }

    /// <summary>Detector or distance.</summary>
    public required string Detector { get; init; }

    /// <summary>Level entered.</summary>
    public required DriftLevel Level { get; init; }

    /// <summary>Level left.</summary>
    public required DriftLevel PreviousLevel { get; init; }

    /// <summary>Why.</summary>
    public required Evidence Evidence { get; init; }

    /// <summary>Event time at which it was seen, milliseconds since 1970.</summary>
    public required long DetectedAt { get; init; }

    /// <summary>Event time since which the stream has changed.</summary>
    public required long ChangedAt { get; init; }

    /// <summary>Rounds since the change.</summary>
    public required long ChangeRounds { get; init; }

    /// <summary>Rounds of the version that had closed when it was seen.</summary>
    public long Round { get; init; }

    /// <summary>Record time of the pane that completed the round.</summary>
    public required long RecordTime { get; init; }

    /// <summary>Whether this stream may trigger by itself.</summary>
    public required bool MayTrigger { get; init; }

    /// <summary>Partitions whose own detector warns or alarms.</summary>
    public IReadOnlyList<SignalSource> Where { get; init; } = [];

    /// <summary>Other streams that stand out, the farthest from normal first; not kept in state.</summary>
    public IReadOnlyList<Contributor> Contributors { get; init; } = [];

    /// <summary>Whether inputs moved, or labels given inputs, or both; not kept in state.</summary>
    public WhatMoved Moved { get; init; } = WhatMoved.Nothing;

    /// <summary>What happened, by how much, since when, what moved, and what stands out, in a sentence; not kept in state.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The signal as a CloudEvents 1.0 record (structured JSON).</summary>
    public OutputRecord ToRecord() => CloudEvent.Record(OutputTopic.Signals, Model, "drift.signal.v1", Id, Group, DetectedAt, json =>
    {
        json.WriteString("model", Model);
        json.WriteString("version", Version);
        json.WriteString("stream", Stream);
        json.WriteString("detector", Detector);
        json.WriteString("scope", "model");
        json.WriteString("level", CloudEvent.Name(Level));
        json.WriteString("previousLevel", CloudEvent.Name(PreviousLevel));
        json.WriteString("summary", Summary);
        json.WriteString("direction", Evidence.Direction.ToString().ToLowerInvariant());
        CloudEvent.WriteEvidence(json, Evidence);
        json.WriteString("detectedAt", CloudEvent.Time(DetectedAt));
        json.WriteString("changedAt", CloudEvent.Time(ChangedAt));
        json.WriteStartArray("where");
        foreach (var (topic, partition, level) in Where)
        {
            json.WriteStartObject();
            json.WriteString("topic", topic);
            json.WriteNumber("partition", partition);
            json.WriteString("level", CloudEvent.Name(level));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Contributor.Write(json, Contributors);
        Moved.Write(json);
    });
}
