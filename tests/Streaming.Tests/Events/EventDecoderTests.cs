using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class EventDecoderTests
{
    private readonly EventDecoder _decoder = new(new EventMapping(), 256 * 1024);
    private readonly DecodedEvent _event = new();

    [Fact]
    public void Every_field_of_the_default_mapping_is_read()
    {
        var record = Bytes("""
            {"id":"9f2c","model":"fraud","version":"2026-11-01","time":"2026-11-22T10:00:00Z",
             "features":{"amount":12.5,"country":"DE","age":null,"new":true},
             "prediction":0.83,"label":1,"latencyMs":12.3,"failure":null}
            """);

        Assert.Equal(RejectReason.None, _decoder.Decode(record, _event));

        Assert.Equal("fraud", Text(_event.Model, record));
        Assert.Equal("2026-11-01", Text(_event.Version, record));
        Assert.Equal(1_795_341_600_000, _event.Time);
        Assert.Equal((FieldKind.Number, 0.83), (_event.PredictionKind, _event.PredictionNumber));
        Assert.Equal((FieldKind.Number, 1.0), (_event.LabelKind, _event.LabelNumber));
        Assert.Equal(12.3, _event.Latency);
        Assert.Null(_event.Failed);
        Assert.Equal(
            [("amount", FieldKind.Number), ("country", FieldKind.Text), ("age", FieldKind.Absent), ("new", FieldKind.Truth)],
            _event.Features.ToArray().Select(feature => (Text(feature.Name, record), feature.Kind)));
        Assert.Equal("DE", Text(_event.Features[1].Text, record));
    }

    [Theory]
    [InlineData("""{"features":{"a":1},"time":"2026-11-22T11:00:00+01:00"}""", 1_795_341_600_000)]
    [InlineData("""{"features":{"a":1},"time":1795341600000}""", 1_795_341_600_000)]
    [InlineData("""{"features":{"a":1},"time":1.7953416e12}""", 1_795_341_600_000)]
    [InlineData("""{"features":{"a":1},"time":"1969-12-31T23:59:59Z"}""", -1_000)]
    public void Time_is_RFC_3339_or_epoch_milliseconds(string json, long expected)
    {
        Assert.Equal(RejectReason.None, _decoder.Decode(Bytes(json), _event));
        Assert.Equal(expected, _event.Time);
    }

    [Theory]
    [InlineData("""{"features":{"a":1}""", "broken_json", "")]
    [InlineData("""{"features":{"a":1}} x""", "broken_json", "")]
    [InlineData("not json", "broken_json", "")]
    [InlineData("", "broken_json", "")]
    [InlineData("""{"features":{"a":NaN}}""", "broken_json", "")]
    [InlineData("[]", "wrong_type", "")]
    [InlineData("""{"features":[1,2]}""", "wrong_type", "features")]
    [InlineData("""{"features":{"a":{"b":1}}}""", "wrong_type", "features.a")]
    [InlineData("""{"features":{"a":1},"time":"yesterday"}""", "wrong_type", "time")]
    [InlineData("""{"features":{"a":1},"time":"2026-11-22T10:00:00"}""", "wrong_type", "time")]
    [InlineData("""{"features":{"a":1},"model":{}}""", "wrong_type", "model")]
    [InlineData("""{"features":{"a":1},"prediction":[0.5]}""", "wrong_type", "prediction")]
    [InlineData("""{"features":{"a":1},"prediction":{}}""", "wrong_type", "prediction")]
    [InlineData("""{"features":{"a":1},"latencyMs":"fast"}""", "wrong_type", "latencyMs")]
    [InlineData("""{"features":{"a":1},"failure":3}""", "wrong_type", "failure")]
    [InlineData("""{"features":{"a":1e999}}""", "non_finite", "features.a")]
    [InlineData("""{"prediction":-1e999}""", "non_finite", "prediction")]
    [InlineData("""{"id":"x","label":1}""", "neither_features_nor_prediction", "")]
    [InlineData("""{"features":null,"prediction":null}""", "neither_features_nor_prediction", "")]
    [InlineData("""{"features":{"a":"\ud800"}}""", "broken_json", "")]
    public void A_record_that_cannot_be_used_is_refused_with_reason_and_field(string json, string reason, string field)
    {
        var record = Bytes(json);

        Assert.Equal(reason, _decoder.Decode(record, _event).Text());
        Assert.Equal(field, _decoder.RejectedField(record, _event));
    }

    [Fact]
    public void Nesting_beyond_64_is_too_deep_wherever_it_stands()
    {
        var record = Bytes("""{"features":{"a":1},"other":""" + new string('[', 1_000) + new string(']', 1_000) + "}");

        Assert.Equal(RejectReason.TooDeep, _decoder.Decode(record, _event));
    }

    [Fact]
    public void Text_of_a_megabyte_is_too_big()
    {
        Assert.Equal(RejectReason.TooBig, _decoder.Decode(Bytes("{\"features\":{\"a\":\"" + new string('x', 1_000_000) + "\"}}"), _event));
        Assert.Equal(RejectReason.TooBig, _decoder.Decode(Bytes("{\"features\":{\"a\":\"" + new string('x', 10_000) + "\"}}"), _event));
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_refused()
    {
        byte[] record = [.. "{\"features\":{\"a\":\""u8, 0xff, 0xfe, .. "\"}}"u8];

        Assert.Equal(RejectReason.BadUtf8, _decoder.Decode(record, _event));
    }

    [Fact]
    public void A_distribution_predicts_its_likeliest_class()
    {
        var record = Bytes("""{"prediction":{"cat":0.2,"dog":0.7,"cow":0.1}}""");

        Assert.Equal(RejectReason.None, _decoder.Decode(record, _event));
        Assert.Equal("dog", Text(_event.PredictionText, record));
        Assert.Equal(0.7, _event.TopProbability);
    }

    [Fact]
    public void Escaped_names_and_texts_are_the_same_as_plain_ones()
    {
        var record = Bytes("""{"fe\u0061tures":{"\u0061":"\u0044E\n"}}""");

        Assert.Equal(RejectReason.None, _decoder.Decode(record, _event));
        Assert.Equal("a", Text(_event.Features[0].Name, record));
        Assert.Equal("DE\n", Text(_event.Features[0].Text, record));
    }

    [Fact]
    public void Fields_are_found_where_the_mapping_says()
    {
        var decoder = new EventDecoder(new EventMapping { Features = "/payload/in~1put", Prediction = "/payload/out/score", Model = "/meta/name" }, 65_536);
        var record = Bytes("""{"meta":{"name":"m","x":[1]},"payload":{"in/put":{"a":1},"out":{"score":0.5,"y":{}}},"features":{"b":2}}""");

        Assert.Equal(RejectReason.None, decoder.Decode(record, _event));
        Assert.Equal("m", Text(_event.Model, record));
        Assert.Equal("a", Text(Assert.Single(_event.Features.ToArray()).Name, record));
        Assert.Equal(0.5, _event.PredictionNumber);
    }

    [Theory]
    [InlineData("features", "must be a JSON Pointer")]
    [InlineData("/prediction/x", "overlap")]
    [InlineData("/id", "overlaps")]
    public void A_wrong_pointer_is_refused_by_name(string pointer, string message)
    {
        var error = Assert.ThrowsAny<Exception>(() => new EventDecoder(new EventMapping { Features = pointer }, 65_536));

        Assert.Contains("mapping.", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private string Text(Slice slice, byte[] record) => Encoding.UTF8.GetString(_event.Text(slice, record));
}
