using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Streaming.Monitoring;

/// <summary>Reads the JSON of one event into a <see cref="DecodedEvent"/>. Allocates nothing for a good record.</summary>
/// <remarks>
/// A record of the same shape as one before is read by its <see cref="EventTemplate"/>, any other token by token: the result is the same. Where
/// features are left out or redacted, all are read token by token.
/// </remarks>
internal sealed class EventDecoder
{
    /// <summary>Deepest nesting of a record.</summary>
    public const int MaxDepth = 64;

    /// <summary>Beyond this, up or down, a number is no time in milliseconds.</summary>
    public const double LargestTime = 9e15;

    private const int LongestTime = 128;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    private readonly EventSchema _schema;
    private readonly EventTemplates? _templates;
    private readonly Treatments? _treatments;
    private readonly int _maxRecordBytes;
    private EventField _rejectedField;
    private Slice? _rejectedFeature;

    public EventDecoder(EventMapping mapping, int maxRecordBytes, SensitiveFields? sensitive = null)
    {
        (_schema, _maxRecordBytes) = (new EventSchema(mapping), maxRecordBytes);
        _treatments = sensitive is null ? null : Treatments.Of(sensitive);
        _templates = _treatments is null ? new EventTemplates(_schema) : null;
    }

    public RejectReason Decode(ReadOnlySpan<byte> record, DecodedEvent decoded)
    {
        var reason = Read(record, decoded);
        return reason != RejectReason.None || decoded.HasFeatures || decoded.PredictionKind != FieldKind.Absent ? reason : RejectReason.NothingToWatch;
    }

    /// <summary>The same for a record of a labels topic: an id and a label, and when the label was known.</summary>
    public RejectReason DecodeLabel(ReadOnlySpan<byte> record, DecodedEvent decoded)
    {
        var reason = Read(record, decoded);
        return reason != RejectReason.None ? reason : decoded.Id.Length == 0 ? RejectReason.NoId : decoded.LabelKind == FieldKind.Absent ? RejectReason.NoLabel : reason;
    }

    private RejectReason Read(ReadOnlySpan<byte> record, DecodedEvent decoded)
    {
        (_rejectedField, _rejectedFeature) = (EventField.None, null);
        if (record.Length <= _maxRecordBytes && _templates?.Read(record, decoded) == true)
        {
            return RejectReason.None;
        }

        decoded.Reset();
        if (record.Length > _maxRecordBytes)
        {
            return RejectReason.TooBig;
        }

        var reason = ReadTokens(record, decoded);
        if (reason == RejectReason.None)
        {
            _templates?.Learn(record);
        }

        return reason;
    }

    private RejectReason ReadTokens(ReadOnlySpan<byte> record, DecodedEvent decoded)
    {
        if (!Utf8.IsValid(record))
        {
            return RejectReason.BadUtf8;
        }

        try
        {
            var reader = new Utf8JsonReader(record, Strict);
            reader.Read();
            var reason = reader.TokenType == JsonTokenType.StartObject ? ReadObject(ref reader, _schema.Root, decoded) : RejectReason.WrongType;
            if (reason != RejectReason.None)
            {
                return reason;
            }

            // anything but white space after the object is an error, which this call throws
            reader.Read();
        }
        catch (JsonException)
        {
            _rejectedField = EventField.None;
            return JsonValues.Depth(record) > MaxDepth ? RejectReason.TooDeep : RejectReason.BrokenJson;
        }
        catch (InvalidOperationException)
        {
            // an escape such as a lone surrogate, which no UTF-8 text can hold
            _rejectedField = EventField.None;
            return RejectReason.BrokenJson;
        }

        _rejectedField = EventField.None;
        return RejectReason.None;
    }

    /// <summary>The field at fault when <see cref="Decode"/> refused the record; empty where the whole record was.</summary>
    public string RejectedField(ReadOnlySpan<byte> record, DecodedEvent decoded) => _rejectedFeature is { } feature
        ? "features." + Encoding.UTF8.GetString(decoded.Text(feature, record))
        : EventSchema.NameOf(_rejectedField);

    private RejectReason ReadObject(ref Utf8JsonReader reader, EventSchema.Node node, DecodedEvent decoded)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = reader.ValueIsEscaped ? node.Child(Encoding.UTF8.GetBytes(reader.GetString()!)) : node.Child(reader.ValueSpan);
            reader.Read();
            var reason = RejectReason.None;
            if (child is null || (child.HasChildren && reader.TokenType != JsonTokenType.StartObject))
            {
                reader.Skip();
            }
            else if (child.HasChildren)
            {
                reason = ReadObject(ref reader, child, decoded);
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                _rejectedField = child.Field;
                reason = ReadField(ref reader, child.Field, decoded);
            }

            if (reason != RejectReason.None)
            {
                return reason;
            }
        }

        return RejectReason.None;
    }

    private RejectReason ReadField(ref Utf8JsonReader reader, EventField field, DecodedEvent decoded)
    {
        RejectReason reason;
        switch (field)
        {
            case EventField.Id:
                reason = JsonValues.Name(ref reader, decoded, out var id);
                decoded.Id = id;
                return reason;
            case EventField.Model:
                reason = JsonValues.Name(ref reader, decoded, out var model);
                decoded.Model = model;
                return reason;
            case EventField.Version:
                reason = JsonValues.Name(ref reader, decoded, out var version);
                decoded.Version = version;
                return reason;
            case EventField.Time:
                return ReadTime(ref reader, decoded);
            case EventField.Features:
                return ReadFeatures(ref reader, decoded);
            case EventField.Prediction:
                return ReadPrediction(ref reader, decoded);
            case EventField.Label:
                reason = JsonValues.Scalar(ref reader, decoded, out var kind, out var number, out var text);
                (decoded.LabelKind, decoded.LabelNumber, decoded.LabelText) = (kind, number, text);
                return reason;
            case EventField.Latency:
                reason = JsonValues.Number(ref reader, out var latency);
                decoded.Latency = latency;
                return reason;
            case EventField.Failure:
                return ReadFailure(ref reader, decoded);
            default:
                return RejectReason.None;
        }
    }

    private static RejectReason ReadTime(ref Utf8JsonReader reader, DecodedEvent decoded)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (!reader.TryGetDouble(out var milliseconds) || !(Math.Abs(milliseconds) < LargestTime))
            {
                return RejectReason.WrongType;
            }

            decoded.Time = (long)milliseconds;
            return RejectReason.None;
        }

        // RFC 3339 demands an offset; without one the parser would take the machine's time zone
        if (reader.TokenType != JsonTokenType.String || !EndsWithOffset(ref reader) || !reader.TryGetDateTimeOffset(out var time))
        {
            return RejectReason.WrongType;
        }

        decoded.Time = time.ToUnixTimeMilliseconds();
        return RejectReason.None;
    }

    private static bool EndsWithOffset(ref Utf8JsonReader reader)
    {
        // some writers escape the plus sign
        Span<byte> unescaped = stackalloc byte[LongestTime];
        scoped ReadOnlySpan<byte> text = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            if (text.Length > LongestTime)
            {
                return false;
            }

            text = unescaped[..reader.CopyString(unescaped)];
        }

        return text.Length > 16 && (text[^1] is (byte)'Z' or (byte)'z' || text[^6] is (byte)'+' or (byte)'-');
    }

    private RejectReason ReadFeatures(ref Utf8JsonReader reader, DecodedEvent decoded)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectReason.WrongType;
        }

        decoded.HasFeatures = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var reason = JsonValues.Text(ref reader, decoded, out var name);
            if (reason != RejectReason.None)
            {
                return reason;
            }

            var treatment = _treatments is { } treatments ? treatments[name.Unescaped ? decoded.Text(name, default) : reader.ValueSpan] : Treatment.Take;
            reader.Read();
            if (treatment == Treatment.Leave)
            {
                reader.Skip();
                continue;
            }

            reason = JsonValues.Scalar(ref reader, decoded, out var kind, out var number, out var text);
            if (reason != RejectReason.None)
            {
                _rejectedFeature = name;
                return reason;
            }

            var feature = new FeatureField(name, kind, number, text);
            decoded.AddFeature(treatment == Treatment.Redact && kind != FieldKind.Absent
                ? _treatments!.Hidden(feature, text.Unescaped ? decoded.Text(text, default) : reader.ValueSpan, decoded) : feature);
        }

        return RejectReason.None;
    }

    private static RejectReason ReadPrediction(ref Utf8JsonReader reader, DecodedEvent decoded)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return ReadDistribution(ref reader, decoded);
        }

        var reason = JsonValues.Scalar(ref reader, decoded, out var kind, out var number, out var text);
        (decoded.PredictionKind, decoded.PredictionNumber, decoded.PredictionText) = (kind, number, text);
        return reason;
    }

    private static RejectReason ReadDistribution(ref Utf8JsonReader reader, DecodedEvent decoded)
    {
        var best = double.NegativeInfinity;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var reason = JsonValues.Text(ref reader, decoded, out var name);
            reader.Read();
            if (reason == RejectReason.None)
            {
                reason = JsonValues.Number(ref reader, out var probability);
                decoded.AddClass(new ClassProbability(name, probability));
                if (probability > best)
                {
                    best = probability;
                    (decoded.PredictionKind, decoded.PredictionText, decoded.TopProbability) = (FieldKind.Text, name, probability);
                }
            }

            if (reason != RejectReason.None)
            {
                return reason;
            }
        }

        return decoded.PredictionKind == FieldKind.Text ? RejectReason.None : RejectReason.WrongType;
    }

    private static RejectReason ReadFailure(ref Utf8JsonReader reader, DecodedEvent decoded)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.String:
                decoded.Failed = true;
                return RejectReason.None;
            case JsonTokenType.False:
                decoded.Failed = false;
                return RejectReason.None;
            default:
                return RejectReason.WrongType;
        }
    }
}
