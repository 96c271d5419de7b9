using System.Text.Json;

namespace Streaming.Monitoring;

/// <summary>Reads single JSON values without allocating.</summary>
internal static class JsonValues
{
    /// <summary>Longest text of a model name, a category or a class, bytes.</summary>
    public const int MaxTextBytes = 4_096;

    /// <summary>A string or property name.</summary>
    public static RejectReason Text(ref Utf8JsonReader reader, DecodedEvent decoded, out Slice text)
    {
        text = default;
        if (reader.ValueSpan.Length > MaxTextBytes)
        {
            return RejectReason.TooBig;
        }

        text = reader.ValueIsEscaped
            ? decoded.Keep(reader.CopyString(decoded.Room(reader.ValueSpan.Length)))
            : new Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, Unescaped: false);
        return RejectReason.None;
    }

    /// <summary>A name: a string, or a number taken as its text.</summary>
    public static RejectReason Name(ref Utf8JsonReader reader, DecodedEvent decoded, out Slice name)
    {
        name = default;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Text(ref reader, decoded, out name);
            case JsonTokenType.Number:
                name = new Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length, Unescaped: false);
                return RejectReason.None;
            default:
                return RejectReason.WrongType;
        }
    }

    /// <summary>A finite number.</summary>
    public static RejectReason Number(ref Utf8JsonReader reader, out double number)
    {
        number = double.NaN;
        if (reader.TokenType != JsonTokenType.Number)
        {
            return RejectReason.WrongType;
        }

        if (!reader.TryGetDouble(out number) || !double.IsFinite(number))
        {
            number = double.NaN;
            return RejectReason.NonFinite;
        }

        return RejectReason.None;
    }

    /// <summary>A scalar: number, text, truth value or null. Numbers keep their text too, truth values give theirs.</summary>
    public static RejectReason Scalar(ref Utf8JsonReader reader, DecodedEvent decoded, out FieldKind kind, out double number, out Slice text)
    {
        (kind, number, text) = (FieldKind.Absent, double.NaN, default);
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return RejectReason.None;
            case JsonTokenType.Number:
                kind = FieldKind.Number;
                text = new Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length, Unescaped: false);
                return Number(ref reader, out number);
            case JsonTokenType.String:
                kind = FieldKind.Text;
                return Text(ref reader, decoded, out text);
            case JsonTokenType.True or JsonTokenType.False:
                kind = FieldKind.Truth;
                number = reader.TokenType == JsonTokenType.True ? 1 : 0;
                text = new Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length, Unescaped: false);
                return RejectReason.None;
            default:
                return RejectReason.WrongType;
        }
    }

    /// <summary>How deep the brackets of a record nest, strings left out.</summary>
    public static int Depth(ReadOnlySpan<byte> record)
    {
        var (depth, deepest, inText) = (0, 0, false);
        for (var i = 0; i < record.Length; i++)
        {
            switch (record[i])
            {
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'\\' when inText:
                    i++;
                    break;
                case (byte)'{' or (byte)'[' when !inText:
                    deepest = Math.Max(deepest, ++depth);
                    break;
                case (byte)'}' or (byte)']' when !inText:
                    depth--;
                    break;
            }
        }

        return deepest;
    }
}
