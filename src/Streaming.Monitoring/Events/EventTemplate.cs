using System.Text.Json;

namespace Streaming.Monitoring;

/// <summary>The shape of one record: all bytes between its values. Reads records of the same shape by comparing these and parsing the values between.</summary>
/// <remarks>
/// Exact: what it reads is what <see cref="EventDecoder"/> reads token by token. A record that differs in anything but its values (order of keys, white space, a key more
/// or less) or has a value that is not plain (an escape, an unusual time, a number too large) is not read. What it read until then must be forgotten.
/// </remarks>
internal sealed class EventTemplate
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = EventDecoder.MaxDepth };

    private byte[] _shape = [];
    private int _shapeLength;
    private Step[] _steps = new Step[32];
    private int _count;
    private int _end;
    private bool _hasFeatures;
    private bool _hasPrediction;

    private enum Part : byte
    {
        Ignored,
        Null,
        Id,
        Model,
        Version,
        Time,
        Feature,
        Prediction,
        Class,
        Label,
        Latency,
        Failure,
    }

    /// <summary>Whether the record has this shape and could be read.</summary>
    public bool Read(ReadOnlySpan<byte> record, DecodedEvent decoded)
    {
        var at = 0;
        ReadOnlySpan<byte> shape = _shape.AsSpan(0, _shapeLength);
        foreach (ref readonly var step in _steps.AsSpan(0, _count))
        {
            if (record.Length - at <= step.Length || !record.Slice(at, step.Length).SequenceEqual(shape.Slice(step.Start, step.Length)))
            {
                return false;
            }

            at += step.Length;
            if (!ReadValue(record, ref at, step, decoded))
            {
                return false;
            }
        }

        decoded.HasFeatures = _hasFeatures;
        return _count > 0 && record[at..].SequenceEqual(shape[_end..]);
    }

    /// <summary>Learns the shape of a record that the decoder has read. False where it cannot serve as one.</summary>
    public bool Learn(ReadOnlySpan<byte> record, EventSchema schema)
    {
        if (_shape.Length < record.Length)
        {
            _shape = new byte[record.Length];
        }

        record.CopyTo(_shape);
        (_shapeLength, _count, _end, _hasFeatures, _hasPrediction) = (record.Length, 0, 0, false, false);
        var reader = new Utf8JsonReader(record, Strict);
        reader.Read();
        if (!LearnObject(ref reader, schema.Root))
        {
            _count = 0;
        }

        return _count > 0;
    }

    private static bool ReadValue(ReadOnlySpan<byte> record, ref int at, in Step step, DecodedEvent decoded)
    {
        var begin = at;
        if (!JsonScan.Scalar(record, ref at, out var kind, out var number, out var text))
        {
            return false;
        }

        if (step.Part == Part.Feature)
        {
            decoded.AddFeature(new FeatureField(new Slice(begin - step.NameBefore, step.NameLength, Unescaped: false), kind, number, text));
            return true;
        }

        // null is no value, whatever the field; a class needs one
        return kind == FieldKind.Absent ? step.Part != Part.Class : SetField(record, step, kind, number, text, begin, decoded);
    }

    private static bool SetField(ReadOnlySpan<byte> record, in Step step, FieldKind kind, double number, Slice text, int begin, DecodedEvent decoded)
    {
        switch (step.Part)
        {
            case Part.Ignored:
                return true;
            case Part.Id:
                decoded.Id = text;
                return kind != FieldKind.Truth;
            case Part.Model:
                decoded.Model = text;
                return kind != FieldKind.Truth;
            case Part.Version:
                decoded.Version = text;
                return kind != FieldKind.Truth;
            case Part.Time:
                return SetTime(record, kind, number, text, decoded);
            case Part.Prediction:
                (decoded.PredictionKind, decoded.PredictionNumber, decoded.PredictionText) = (kind, number, text);
                return true;
            case Part.Class when kind == FieldKind.Number:
                AddClass(new Slice(begin - step.NameBefore, step.NameLength, Unescaped: false), number, decoded);
                return true;
            case Part.Label:
                (decoded.LabelKind, decoded.LabelNumber, decoded.LabelText) = (kind, number, text);
                return true;
            case Part.Latency:
                decoded.Latency = number;
                return kind == FieldKind.Number;
            case Part.Failure:
                decoded.Failed = kind == FieldKind.Text || number == 1;
                return kind != FieldKind.Number;
            default:
                return false;
        }
    }

    private static bool SetTime(ReadOnlySpan<byte> record, FieldKind kind, double number, Slice text, DecodedEvent decoded)
    {
        if (kind == FieldKind.Number && Math.Abs(number) < EventDecoder.LargestTime)
        {
            decoded.Time = (long)number;
            return true;
        }

        var isTime = JsonScan.Time(kind == FieldKind.Text ? record.Slice(text.Start, text.Length) : [], out var time);
        decoded.Time = time;
        return isTime;
    }

    private static void AddClass(Slice name, double probability, DecodedEvent decoded)
    {
        decoded.AddClass(new ClassProbability(name, probability));
        if (double.IsNaN(decoded.TopProbability) || probability > decoded.TopProbability)
        {
            (decoded.PredictionKind, decoded.PredictionText, decoded.TopProbability) = (FieldKind.Text, name, probability);
        }
    }

    private bool LearnObject(ref Utf8JsonReader reader, EventSchema.Node node)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
            {
                return false;
            }

            var child = node.Child(reader.ValueSpan);
            reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            var isLearnt = child switch
            {
                null => LearnIgnored(ref reader),
                { HasChildren: true } => isObject ? LearnObject(ref reader, child) : LearnIgnored(ref reader),
                { Field: EventField.Features } => LearnFeatures(ref reader, isObject),
                { Field: EventField.Prediction } => LearnPrediction(ref reader, isObject),
                _ => Add(ref reader, PartOf(child.Field), default),
            };
            if (!isLearnt)
            {
                return false;
            }
        }

        return true;
    }

    private static Part PartOf(EventField field) => field switch
    {
        EventField.Id => Part.Id,
        EventField.Model => Part.Model,
        EventField.Version => Part.Version,
        EventField.Time => Part.Time,
        EventField.Label => Part.Label,
        EventField.Latency => Part.Latency,
        EventField.Failure => Part.Failure,
        _ => Part.Ignored,
    };

    private bool LearnIgnored(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)
            {
                Add(ref reader, Part.Ignored, default);
            }
        }
        while ((reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) && reader.Read());

        return true;
    }

    private bool LearnFeatures(ref Utf8JsonReader reader, bool isObject)
    {
        _hasFeatures |= isObject;
        return isObject ? LearnNamed(ref reader, Part.Feature) : Add(ref reader, Part.Null, default);
    }

    private bool LearnPrediction(ref Utf8JsonReader reader, bool isObject)
    {
        // the last of several counts, and only in one of the two ways; rare enough to leave to the decoder
        if (_hasPrediction)
        {
            return false;
        }

        _hasPrediction = true;
        return isObject ? LearnNamed(ref reader, Part.Class) : Add(ref reader, Part.Prediction, default);
    }

    private bool LearnNamed(ref Utf8JsonReader reader, Part part)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
            {
                return false;
            }

            var name = new Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, Unescaped: false);
            reader.Read();
            Add(ref reader, part, name);
        }

        return true;
    }

    private bool Add(ref Utf8JsonReader reader, Part part, Slice name)
    {
        if (_count == _steps.Length)
        {
            Array.Resize(ref _steps, _count * 2);
        }

        var begin = (int)reader.TokenStartIndex;
        _steps[_count++] = new Step(_end, begin - _end, part, begin - name.Start, name.Length);
        _end = (int)reader.BytesConsumed;
        return true;
    }

    /// <summary>A value, and the bytes of the shape that stand before it.</summary>
    private readonly record struct Step(int Start, int Length, Part Part, int NameBefore, int NameLength);
}
