using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>A decoder that has learnt shapes says the same of every record as one that has seen none.</summary>
public class EventTemplateTests
{
    private const int Records = 24;

    private static readonly string[] Values =
    [
        "0", "-0", "1", "12.5", "0.83", "-0.000123", "1e5", "1E-7", "0.1e+3", "123456789012345678", "0.30471707975443135", "9007199254740993", "1e22", "1e23", "4.9e-324", "1.7976931348623157e308", "1e999", "01", "1.",
        "-", ".5", "1e", "+1", "0x1", "12345678901234567890123", "\"DE\"", "\"\"", "\"Köln\"", "\"a\\nb\"", "\"\\u0044\"", "\"\\ud800\"", "\"sixteen bytes and more of text\"", "\"tab\t\"", "true", "false", "null", "tru", "nul", "{}",
        "[]", "[1,2]", "{\"a\":1}", "NaN", "\"2026-11-22T10:00:00Z\"", "\"open",
    ];

    private static readonly string[] Times =
    [
        "1795341600000", "1.7953416e12", "-5", "1e17", "\"2026-11-22T10:00:00Z\"", "\"2026-11-22T10:00:00.125Z\"", "\"2026-11-22T10:00:00.1234567Z\"", "\"2026-11-22T10:00:00.12345678Z\"",
        "\"2024-02-29T23:59:59+01:30\"", "\"2026-02-29T00:00:00Z\"", "\"2026-11-22T10:00:00-00:00\"", "\"2026-11-22T24:00:00Z\"", "\"2026-11-22T10:00:60Z\"", "\"2026-11-22T10:00:00\"", "\"2026-13-01T10:00:00Z\"",
        "\"2026-11-22T10:00Z\"", "\"1969-12-31T23:59:59.999Z\"", "\"0001-01-01T00:00:00Z\"", "\"2026-11-22T10:00:00.Z\"", "\"2026-11-22T10:00:00+14:00\"", "\"2026-11-22T11:00:00\\u002B01:00\"", "\"2026-1a-22T10:00:00Z\"", "\"yesterday\"",
    ];

    private static readonly string[] Keys = ["id", "model", "version", "time", "features", "prediction", "label", "latencyMs", "failure", "other", "mo\\u0064el"];

    [Property(MaxTest = 400)]
    public void Records_of_one_shape_and_of_any_other_read_as_if_each_were_the_first(int seed)
    {
        var (random, learnt, seen) = (new SplitMix(seed), new EventDecoder(new EventMapping(), 4_096), new DecodedEvent());
        var shape = Shape(random);
        for (var i = 0; i < Records; i++)
        {
            // most are of the shape that is learnt, some of another or broken
            var record = Bytes(shape, random, random.Next() < 0.15);
            shape = random.Next() < 0.1 ? Shape(random) : shape;

            Assert.Equal(Text(new EventDecoder(new EventMapping(), 4_096), new DecodedEvent(), record), Text(learnt, seen, record));
        }
    }

    [Property(MaxTest = 400)]
    public void Numbers_are_rounded_correctly(ulong digits, short power, byte length)
    {
        var whole = digits.ToString(CultureInfo.InvariantCulture)[..Math.Clamp(length % 21, 1, digits.ToString(CultureInfo.InvariantCulture).Length)];
        foreach (var text in (string[])[$"{whole}e{power % 400}", $"0.{whole}", $"{whole[..1]}.{whole}", $"-{whole}e-{power & 31}", $"{whole}.{whole}e{power % 70}", $"0.000{whole}"])
        {
            var expected = double.Parse(text, CultureInfo.InvariantCulture);
            var bytes = Encoding.UTF8.GetBytes(text + ",");
            var isWritten = text.TrimStart('-') is var plain && (plain[0] != '0' || plain.Length == 1 || plain[1] is '.' or 'e');
            var read = JsonNumber.Read(bytes, out var value);

            Assert.Equal(isWritten && double.IsFinite(expected) ? text.Length : 0, read);
            Assert.True(read == 0 || BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(value), text);
        }
    }

    [Fact]
    public void Numbers_as_programs_write_them_are_read_back_to_the_last_bit()
    {
        var random = new SplitMix(5);
        for (var i = 0; i < 200_000; i++)
        {
            var value = (random.Next() - 0.5) * Math.Pow(10, (int)(random.Next() * 40) - 20);
            var text = value.ToString("R", CultureInfo.InvariantCulture);

            Assert.Equal(text.Length, JsonNumber.Read(Encoding.UTF8.GetBytes(text), out var read));
            Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read));
        }
    }

    [Theory]
    [InlineData("9007199254740993", 9007199254740992.0)]
    [InlineData("9007199254740995", 9007199254740996.0)]
    [InlineData("9007199254740993.0000000001", 9007199254740994.0)]
    [InlineData("5e-324", 5e-324)]
    [InlineData("2.2250738585072011e-308", 2.2250738585072011e-308)]
    public void Halfway_cases_go_to_the_even_neighbour(string text, double expected)
    {
        Assert.Equal(text.Length, JsonNumber.Read(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Fact]
    public void A_second_record_of_the_same_shape_is_read_by_the_template()
    {
        var (templates, decoded) = (new EventTemplates(new EventSchema(new EventMapping())), new DecodedEvent());
        var first = """{"id":"1","features":{"a":1.5,"b":"DE"},"other":[1,{"x":2}],"prediction":0.5}"""u8;
        var second = """{"id":"22","features":{"a":null,"b":"F"},"other":[7,{"x":""}],"prediction":1}"""u8;

        Assert.False(templates.Read(first, decoded));
        templates.Learn(first);

        Assert.True(templates.Read(first, decoded));
        Assert.True(templates.Read(second, decoded));
        Assert.Equal([FieldKind.Absent, FieldKind.Text], decoded.Features.ToArray().Select(feature => feature.Kind));
        Assert.False(templates.Read("""{"id":"22","features":{"b":"F","a":null},"other":[7,{"x":""}],"prediction":1}"""u8, decoded));
    }

    [Fact]
    public void Shapes_that_go_on_changing_are_tried_ever_more_rarely()
    {
        var (templates, decoded, learnt) = (new EventTemplates(new EventSchema(new EventMapping())), new DecodedEvent(), 0);
        for (var i = 0; i < 2_000; i++)
        {
            var record = Encoding.UTF8.GetBytes($$$"""{"features":{"a{{{i}}}":1}}""");
            templates.Read(record, decoded);
            templates.Learn(record);
            learnt += templates.Read(record, decoded) ? 1 : 0;
        }

        Assert.InRange(learnt, 4, 40);
    }

    private static List<(string Key, int Kind)> Shape(SplitMix random) =>
        [.. Enumerable.Range(0, 2 + (int)(random.Next() * 8)).Select(_ => (Pick(Keys, random), (int)(random.Next() * 5)))];

    private static byte[] Bytes(List<(string Key, int Kind)> shape, SplitMix random, bool isOdd)
    {
        var text = new StringBuilder("{");
        foreach (var (key, kind) in shape)
        {
            text.Append(text.Length > 1 ? "," : "").Append(isOdd && random.Next() < 0.2 ? " " : "").Append(CultureInfo.InvariantCulture, $"\"{key}\":");
            text.Append(key switch
            {
                "features" => Inner(kind, isOdd, random),
                "prediction" when kind < 2 => Inner(kind + 1, isOdd, random),
                "time" => Pick(isOdd ? Times : Times[..6], random),
                _ => Value(isOdd, random),
            });
        }

        text.Append('}');
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (isOdd && random.Next() < 0.3)
        {
            bytes[(int)(random.Next() * bytes.Length)] = (byte)(random.Next() * 256);
        }

        return isOdd && random.Next() < 0.2 ? bytes[..(int)(random.Next() * bytes.Length)] : bytes;
    }

    private static string Inner(int count, bool isOdd, SplitMix random) =>
        "{" + string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"f{(isOdd && random.Next() < 0.2 ? 0 : i)}\":{Value(isOdd, random)}")) + "}";

    private static string Value(bool isOdd, SplitMix random) => isOdd ? Pick(Values, random)
        : random.Next() < 0.7 ? random.Next().ToString("R", CultureInfo.InvariantCulture) : Pick(["\"DE\"", "null", "true", "1", "\"Köln\"", "\"2026-11-01\""], random);

    private static string Pick(string[] of, SplitMix random) => of[(int)(random.Next() * of.Length)];

    private static string Text(EventDecoder decoder, DecodedEvent decoded, byte[] record)
    {
        var (text, reason) = (new StringBuilder(), decoder.Decode(record, decoded));
        text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(record)} {reason} {decoder.RejectedField(record, decoded)}");
        if (reason is not (RejectReason.None or RejectReason.NothingToWatch))
        {
            return text.ToString();
        }

        text.Append(CultureInfo.InvariantCulture, $" id {Of(decoded.Id)} model {Of(decoded.Model)} version {Of(decoded.Version)} time {decoded.Time}");
        text.Append(CultureInfo.InvariantCulture, $" prediction {decoded.PredictionKind} {Bits(decoded.PredictionNumber)} {Of(decoded.PredictionText)} {Bits(decoded.TopProbability)}");
        text.Append(CultureInfo.InvariantCulture, $" label {decoded.LabelKind} {Bits(decoded.LabelNumber)} {Of(decoded.LabelText)} latency {Bits(decoded.Latency)} failed {decoded.Failed} {decoded.HasFeatures}");
        foreach (var feature in decoded.Features)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Of(feature.Name)} {feature.Kind} {Bits(feature.Number)} {Of(feature.Text)}");
        }

        foreach (var named in decoded.Classes)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Of(named.Name)} {Bits(named.Probability)}");
        }

        return text.ToString();

        string Of(Slice slice) => $"'{Encoding.UTF8.GetString(decoded.Text(slice, record))}'";
        static string Bits(double value) => double.IsNaN(value) ? "NaN" : BitConverter.DoubleToInt64Bits(value).ToString("x", CultureInfo.InvariantCulture);
    }
}
