using System.Text.Json;

namespace Streaming.Monitoring;

/// <summary>Whether something moved.</summary>
public enum Moved : byte
{
    /// <summary>Nothing is known: no reference yet, or too few labels.</summary>
    Unknown,

    /// <summary>It stands below its threshold.</summary>
    No,

    /// <summary>It stands above it.</summary>
    Yes,
}

/// <summary>A test of inputs, or of labels given inputs, against its threshold.</summary>
/// <param name="Of">inputs or labelsGivenInputs.</param>
/// <param name="Stream">The stream that was tested.</param>
/// <param name="Test">Detector, distance, or what was compared.</param>
/// <param name="Value">What it measured.</param>
/// <param name="Threshold">What it is compared with.</param>
/// <param name="Before">Estimate of the reference; of a detector: before the change.</param>
/// <param name="After">Estimate of the current window.</param>
/// <param name="Count">Values of the current window.</param>
public readonly record struct MovedEvidence(
    string Of, string Stream, string Test, double Value, double Threshold, double Before, double After, long Count)
{
    internal const string Inputs = "inputs";

    internal const string LabelsGivenInputs = "labelsGivenInputs";
}

/// <summary>What moved since the reference: the inputs, P(x), or the labels where inputs are alike, P(y|x), or both.</summary>
public sealed record WhatMoved(Moved Inputs, Moved LabelsGivenInputs, IReadOnlyList<MovedEvidence> Evidence)
{
    /// <summary>Nothing is known.</summary>
    public static WhatMoved Nothing { get; } = new(Moved.Unknown, Moved.Unknown, []);

    /// <summary>The same in words.</summary>
    public string Text => (Inputs, LabelsGivenInputs) switch
    {
        (Moved.Yes, Moved.Yes) => "inputs moved, and so did P(y|x)",
        (Moved.Yes, Moved.No) => "inputs moved, P(y|x) did not",
        (Moved.No, Moved.Yes) => "P(y|x) moved, inputs did not",
        (Moved.No, Moved.No) => "neither inputs nor P(y|x) moved beyond chance",
        (Moved.Yes, Moved.Unknown) => "inputs moved; of P(y|x) nothing is known without labels and their reference",
        (Moved.No, Moved.Unknown) => "inputs did not move; of P(y|x) nothing is known without labels and their reference",
        (_, Moved.Yes) => "P(y|x) moved; inputs have no reference yet",
        (_, Moved.No) => "P(y|x) did not move; inputs have no reference yet",
        _ => "whether inputs or P(y|x) moved is not known: there is no reference yet",
    };

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("moved");
        json.WriteString("inputs", Name(Inputs));
        json.WriteString("labelsGivenInputs", Name(LabelsGivenInputs));
        json.WriteStartArray("evidence");
        foreach (var evidence in Evidence)
        {
            json.WriteStartObject();
            json.WriteString("of", evidence.Of);
            json.WriteString("stream", evidence.Stream);
            json.WriteString("test", evidence.Test);
            CloudEvent.Number(json, "value", evidence.Value);
            CloudEvent.Number(json, "threshold", evidence.Threshold);
            CloudEvent.Number(json, "before", evidence.Before);
            CloudEvent.Number(json, "after", evidence.After);
            json.WriteNumber("count", evidence.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Name(Moved moved) => moved switch
    {
        Moved.Yes => "yes",
        Moved.No => "no",
        _ => "unknown",
    };
}
