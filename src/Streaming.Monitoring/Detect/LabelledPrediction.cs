namespace Streaming.Monitoring;

/// <summary>A prediction and its label, wherever the label came from: all that the error stream and the performance of a model are made of.</summary>
internal readonly ref struct LabelledPrediction
{
    public LabelledPrediction()
    {
    }

    /// <summary>Number: a score or value. Text: a class.</summary>
    public required FieldKind PredictionKind { get; init; }

    public required double PredictionNumber { get; init; }

    public ReadOnlySpan<byte> PredictionText { get; init; }

    /// <summary>Probability of the predicted class where the prediction was a distribution, else NaN.</summary>
    public required double TopProbability { get; init; }

    /// <summary>Probability that a distribution gave the label, 0 where it did not name it; NaN where the prediction was no distribution.</summary>
    public double LabelProbability { get; init; } = double.NaN;

    /// <summary>Sum of the squares of a distribution's probabilities.</summary>
    public double SquaredProbabilities { get; init; }

    /// <summary>How long after its prediction the label came, milliseconds; 0 where it came in the same event.</summary>
    public long LabelDelay { get; init; }

    public required FieldKind LabelKind { get; init; }

    public required double LabelNumber { get; init; }

    public ReadOnlySpan<byte> LabelText { get; init; }

    /// <summary>The two as they stand in one event.</summary>
    public static LabelledPrediction Of(DecodedEvent decoded, ReadOnlySpan<byte> record)
    {
        var label = decoded.Text(decoded.LabelText, record);
        var (ofLabel, squares) = (decoded.Classes.IsEmpty ? double.NaN : 0, 0.0);
        foreach (ref readonly var named in decoded.Classes)
        {
            squares += named.Probability * named.Probability;
            ofLabel = decoded.Text(named.Name, record).SequenceEqual(label) ? named.Probability : ofLabel;
        }

        return new LabelledPrediction
        {
            PredictionKind = decoded.PredictionKind,
            PredictionNumber = decoded.PredictionNumber,
            PredictionText = decoded.Text(decoded.PredictionText, record),
            TopProbability = decoded.TopProbability,
            LabelProbability = ofLabel,
            SquaredProbabilities = squares,
            LabelKind = decoded.LabelKind,
            LabelNumber = decoded.LabelNumber,
            LabelText = label,
        };
    }
}
