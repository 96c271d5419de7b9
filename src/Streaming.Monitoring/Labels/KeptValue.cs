using System.Buffers.Binary;
using System.Text;

namespace Streaming.Monitoring;

/// <summary>A prediction or a label as it is kept until the other comes: kind, number, text and probability, in as few bytes as they need.</summary>
/// <remarks>Where the error or the performance of a model needs more of a prediction, it is added here and in <see cref="LabelledPrediction"/>.</remarks>
internal ref struct KeptValue
{
    /// <summary>Most bytes that one takes.</summary>
    public const int MostBytes = 1 + 8 + 8 + 1 + LongestText;

    private const int LongestText = 64;
    private const int Prefix = LongestText - 16;
    private const byte KindBits = 3;
    private const byte HasNumber = 4;
    private const byte HasProbability = 8;
    private const byte HasText = 16;

    public FieldKind Kind { get; private init; }

    public double Number { get; private init; }

    public double TopProbability { get; private init; }

    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>Whether this label can be compared with a prediction of this kind.</summary>
    public readonly bool Fits(FieldKind prediction) => prediction != FieldKind.Number || Kind != FieldKind.Text;

    /// <summary>The prediction of an event. A number needs no text.</summary>
    public static int OfPrediction(DecodedEvent decoded, ReadOnlySpan<byte> record, Span<byte> into)
    {
        var text = decoded.PredictionKind == FieldKind.Number ? [] : decoded.Text(decoded.PredictionText, record);
        return Write(into, decoded.PredictionKind, decoded.PredictionNumber, decoded.TopProbability, text);
    }

    /// <summary>The label of an event or of a labels record. Its text is kept beside a number: the prediction may be a class named so.</summary>
    public static int OfLabel(DecodedEvent decoded, ReadOnlySpan<byte> record, Span<byte> into) =>
        Write(into, decoded.LabelKind, decoded.LabelNumber, double.NaN, decoded.Text(decoded.LabelText, record));

    /// <summary>Reads what was written.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public static KeptValue Read(ReadOnlySpan<byte> bytes)
    {
        var flags = bytes.Length > 0 ? bytes[0] : (byte)0;
        var at = 1;
        var number = (flags & HasNumber) != 0 ? Double(bytes, ref at) : double.NaN;
        var probability = (flags & HasProbability) != 0 ? Double(bytes, ref at) : double.NaN;
        ReadOnlySpan<byte> text = [];
        if ((flags & HasText) != 0 && at < bytes.Length && bytes[at] <= bytes.Length - at - 1)
        {
            text = bytes.Slice(at + 1, bytes[at]);
            at += 1 + text.Length;
        }

        return flags != 0 && at <= bytes.Length
            ? new KeptValue { Kind = (FieldKind)(flags & KindBits), Number = number, TopProbability = probability, Text = text }
            : throw new InvalidDataException($"a kept value: expected {at} bytes or more, found {bytes.Length}");
    }

    /// <summary>64 bits by which two labels are told apart.</summary>
    public readonly ulong Fingerprint()
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(number, Number);
        return Kind == FieldKind.Number ? IdHash.Of(number) : IdHash.Of(Text) ^ (ulong)Kind;
    }

    /// <summary>A prediction with its label, which came so many milliseconds after it. Of a distribution the likeliest class is kept: there is no log loss of the others.</summary>
    public static LabelledPrediction Join(in KeptValue prediction, in KeptValue label, long delay) => new()
    {
        PredictionKind = prediction.Kind,
        PredictionNumber = prediction.Number,
        PredictionText = prediction.Text,
        TopProbability = prediction.TopProbability,
        LabelKind = label.Kind,
        LabelNumber = label.Number,
        LabelText = label.Text,
        LabelDelay = delay,
    };

    private static int Write(Span<byte> into, FieldKind kind, double number, double probability, scoped ReadOnlySpan<byte> text)
    {
        Span<byte> shortened = stackalloc byte[LongestText];
        text = Shortened(text, shortened);
        var (flags, at) = ((byte)kind, 1);
        if (!double.IsNaN(number))
        {
            flags |= HasNumber;
            BinaryPrimitives.WriteDoubleLittleEndian(into[at..], number);
            at += 8;
        }

        if (!double.IsNaN(probability))
        {
            flags |= HasProbability;
            BinaryPrimitives.WriteDoubleLittleEndian(into[at..], probability);
            at += 8;
        }

        if (text.Length > 0)
        {
            flags |= HasText;
            into[at++] = (byte)text.Length;
            text.CopyTo(into[at..]);
            at += text.Length;
        }

        into[0] = flags;
        return at;
    }

    /// <summary>A long text is its beginning and a hash of the whole: classes stay apart, and memory bounded.</summary>
    private static ReadOnlySpan<byte> Shortened(ReadOnlySpan<byte> text, Span<byte> into)
    {
        if (text.Length <= LongestText)
        {
            return text;
        }

        text[..Prefix].CopyTo(into);
        Encoding.ASCII.GetBytes(IdHash.Of(text).ToString("x16"), into[Prefix..]);
        return into;
    }

    private static double Double(ReadOnlySpan<byte> bytes, ref int at)
    {
        at += 8;
        return at <= bytes.Length ? BinaryPrimitives.ReadDoubleLittleEndian(bytes[(at - 8)..]) : double.NaN;
    }
}
