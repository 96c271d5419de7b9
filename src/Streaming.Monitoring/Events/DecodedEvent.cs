namespace Streaming.Monitoring;

/// <summary>What a JSON value of an event was.</summary>
internal enum FieldKind : byte
{
    Absent,
    Number,
    Text,
    Truth,
}

/// <summary>A stretch of bytes: of the record itself, or of the buffer that holds unescaped text.</summary>
internal readonly record struct Slice(int Start, int Length, bool Unescaped);

/// <summary>One feature of an event: its name and value.</summary>
internal record struct FeatureField(Slice Name, FieldKind Kind, double Number, Slice Text);

/// <summary>A class and its probability, as a prediction says.</summary>
internal readonly record struct ClassProbability(Slice Name, double Probability);

/// <summary>One event as decoded, in memory that the next event reuses.</summary>
internal sealed class DecodedEvent
{
    private byte[] _unescaped = new byte[256];
    private int _unescapedLength;
    private FeatureField[] _features = new FeatureField[16];
    private ClassProbability[] _classes = new ClassProbability[8];
    private int _classCount;

    /// <summary>Empty where the event has none.</summary>
    public Slice Id { get; set; }

    public Slice Model { get; set; }

    public Slice Version { get; set; }

    public long? Time { get; set; }

    /// <summary>Number: a score or value. Text: a class. With <see cref="TopProbability"/>: the likeliest class of a distribution.</summary>
    public FieldKind PredictionKind { get; set; }

    public double PredictionNumber { get; set; }

    public Slice PredictionText { get; set; }

    /// <summary>Probability of the predicted class where the prediction was an object of class → probability, else NaN.</summary>
    public double TopProbability { get; set; }

    /// <summary>The whole of a distribution; empty where the prediction was none.</summary>
    public ReadOnlySpan<ClassProbability> Classes => _classes.AsSpan(0, _classCount);

    public FieldKind LabelKind { get; set; }

    public double LabelNumber { get; set; }

    public Slice LabelText { get; set; }

    /// <summary>Milliseconds; NaN where absent.</summary>
    public double Latency { get; set; }

    public bool? Failed { get; set; }

    public bool HasFeatures { get; set; }

    /// <summary>Number of the shape that the record had: records with the same number have the same features in the same order. 0 where none was known.</summary>
    public long Shape { get; set; }

    public int FeatureCount { get; private set; }

    public ReadOnlySpan<FeatureField> Features => _features.AsSpan(0, FeatureCount);

    public void Reset()
    {
        (Id, Model, Version, Time) = (default, default, default, null);
        (PredictionKind, PredictionNumber, PredictionText, TopProbability) = (FieldKind.Absent, double.NaN, default, double.NaN);
        (LabelKind, LabelNumber, LabelText) = (FieldKind.Absent, double.NaN, default);
        (Latency, Failed, HasFeatures, Shape) = (double.NaN, null, false, 0);
        (FeatureCount, _classCount, _unescapedLength) = (0, 0, 0);
    }

    public void AddFeature(in FeatureField feature)
    {
        if (FeatureCount == _features.Length)
        {
            Array.Resize(ref _features, _features.Length * 2);
        }

        _features[FeatureCount++] = feature;
    }

    public void AddClass(in ClassProbability probability)
    {
        if (_classCount == _classes.Length)
        {
            Array.Resize(ref _classes, _classes.Length * 2);
        }

        _classes[_classCount++] = probability;
    }

    public ReadOnlySpan<byte> Text(Slice slice, ReadOnlySpan<byte> record) =>
        slice.Unescaped ? _unescaped.AsSpan(slice.Start, slice.Length) : record.Slice(slice.Start, slice.Length);

    /// <summary>Room for unescaped text of up to <paramref name="length"/> bytes; <see cref="Keep"/> says how many were used.</summary>
    public Span<byte> Room(int length)
    {
        if (_unescaped.Length - _unescapedLength < length)
        {
            Array.Resize(ref _unescaped, Math.Max(_unescaped.Length * 2, _unescapedLength + length));
        }

        return _unescaped.AsSpan(_unescapedLength);
    }

    public Slice Keep(int length)
    {
        var slice = new Slice(_unescapedLength, length, Unescaped: true);
        _unescapedLength += length;
        return slice;
    }
}
