namespace Streaming.Monitoring;

/// <summary>A prediction and its label, wherever the label came from: all that the error stream and the performance of a model are made of.</summary>
internal readonly ref struct LabelledPrediction
{
    /// <summary>Number: a score or value. Text: a class.</summary>
    public required FieldKind PredictionKind { get; init; }

    public required double PredictionNumber { get; init; }

    public ReadOnlySpan<byte> PredictionText { get; init; }

    /// <summary>Probability of the predicted class where the prediction was a distribution, else NaN.</summary>
    public required double TopProbability { get; init; }

    public required FieldKind LabelKind { get; init; }

    public required double LabelNumber { get; init; }

    public ReadOnlySpan<byte> LabelText { get; init; }

    /// <summary>The two as they stand in one event.</summary>
    public static LabelledPrediction Of(DecodedEvent decoded, ReadOnlySpan<byte> record) => new()
    {
        PredictionKind = decoded.PredictionKind,
        PredictionNumber = decoded.PredictionNumber,
        PredictionText = decoded.Text(decoded.PredictionText, record),
        TopProbability = decoded.TopProbability,
        LabelKind = decoded.LabelKind,
        LabelNumber = decoded.LabelNumber,
        LabelText = decoded.Text(decoded.LabelText, record),
    };
}
