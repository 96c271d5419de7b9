using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A <see cref="ReferenceProfile"/> as JSON that people can read and compare.</summary>
internal static class ProfileWriter
{
    /// <summary>What stands in <c>format</c>.</summary>
    public const string Format = "driftd reference profile";

    /// <summary>The version of the layout.</summary>
    public const int Version = 1;

    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlySpan<byte> Write(ReferenceProfile profile)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteStartObject("streams");
            foreach (var stream in profile.Streams)
            {
                json.WriteStartObject(stream);
                if (profile.Numeric(stream) is { } numeric)
                {
                    WriteNumeric(json, numeric);
                }
                else
                {
                    WriteCategorical(json, profile, profile.Categorical(stream)!);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    private static void WriteNumeric(Utf8JsonWriter json, NumericReference reference)
    {
        json.WriteString("kind", "numeric");
        json.WriteNumber("count", reference.Count);
        json.WriteNumber("observed", reference.Observed);
        json.WriteNumber("mean", reference.Mean);
        json.WriteNumber("m2", reference.Moments.M2);
        json.WriteNumber("min", reference.Min);
        json.WriteNumber("max", reference.Max);

        // lists stand on one line each: an entry a line would bury the rest
        json.WritePropertyName("shares");
        json.WriteRawValue($"[{string.Join(", ", reference.Shares.ToArray().Select(Text))}]");
        json.WritePropertyName("knots");
        json.WriteRawValue($"[{string.Join(", ", reference.Knots.ToArray().Select(knot => $"[{Text(knot.Value)}, {knot.Below}, {knot.UpTo}]"))}]");
    }

    private static void WriteCategorical(Utf8JsonWriter json, ReferenceProfile profile, CategoricalReference reference)
    {
        json.WriteString("kind", "categorical");
        json.WriteNumber("count", reference.Count);
        json.WriteNumber("observed", reference.Observed);
        json.WriteNumber("rest", reference.Rest);
        json.WriteStartObject("categories");
        foreach (var (key, count) in reference.Entries)
        {
            var name = profile.CategoryOf(key) ?? throw new InvalidOperationException($"the category with key {key:x} has no name");
            json.WriteNumber(name, count);
        }

        json.WriteEndObject();
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
