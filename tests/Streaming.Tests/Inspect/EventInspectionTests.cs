using System.Text;
using System.Text.Json;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class EventInspectionTests
{
    private static readonly string[] Countries = ["DE", "FR", "IT"];

    [Fact]
    public void Events_of_the_default_schema_need_no_mapping_but_get_one_and_all_can_be_used()
    {
        var found = Inspect(i => $$$"""{"id":"e{{{i}}}","model":"m","version":"1","time":"2026-11-22T10:00:00Z","features":{"amount":{{{i}}}.5,"country":"DE"},"prediction":0.5,"label":1,"latencyMs":3}""");

        Assert.Equal(
            [
                ("id", "/id"), ("model", "/model"), ("version", "/version"), ("time", "/time"), ("features", "/features"), ("prediction", "/prediction"),
                ("label", "/label"), ("latencyMs", "/latencyMs"),
            ],
            Proposed(found));
        Assert.Empty(found.RefusedAsConfigured);
        Assert.Empty(found.RefusedAsProposed);
        Assert.Empty(found.Remarks);
        Assert.Equal(["JSON object"], found.Formats.Select(format => format.Name));
        Assert.Equal((200, 200, 200), (found.Records, found.Keyed, found.KeyedById));
    }

    [Fact]
    public void A_structured_CloudEvent_is_mapped_into_its_data()
    {
        var found = Inspect(i => $$$"""
            {"specversion":"1.0","id":"c{{{i}}}","source":"/scoring","type":"prediction.made","time":"2026-11-22T10:00:00+01:00","datacontenttype":"application/json",
             "data":{"model_name":"churn","model_version":7,"inputs":{"tenure":{{{i}}},"plan":"basic"},"output":{"score":0.25,"label":"stay"},"actual":null}}
            """);

        Assert.Equal(["CloudEvent, structured"], found.Formats.Select(format => format.Name));
        Assert.Equal(
            [
                ("id", "/id"), ("model", "/data/model_name"), ("version", "/data/model_version"), ("time", "/time"), ("features", "/data/inputs"),
                ("prediction", "/data/output/score"),
            ],
            Proposed(found));
        Assert.Equal(200, found.RefusedAsConfigured.Single(reason => reason.Name == "neither_features_nor_prediction").Count);
        Assert.Empty(found.RefusedAsProposed);
    }

    [Fact]
    public void Keys_of_the_usual_names_that_mean_something_else_are_led_away_from()
    {
        var found = Inspect(i => $$$"""
            {"request_id":"r{{{i}}}","id":"tenant-1","time":"22.11.2026 10:00","version":{"schema":3},"label":["a","b"],"model":{"name":"price","version":"2026-11"},
             "attributes":{"size":{{{i}}},"floor":2},"result":{"value":120000.5},"ts":1795305600000}
            """);

        Assert.Equal(
            [
                ("id", "/request_id"), ("model", "/model/name"), ("version", "/model/version"), ("time", "/ts"), ("features", "/attributes"),
                ("prediction", "/result/value"), ("label", "/unmapped/label"),
            ],
            Proposed(found));
        Assert.Empty(found.RefusedAsProposed);
        Assert.NotEmpty(found.RefusedAsConfigured);
    }

    [Fact]
    public void Classes_with_probabilities_are_a_prediction_and_other_objects_of_numbers_are_none()
    {
        var found = Inspect(i => $$$"""{"x":{"a":{{{i}}}},"probabilities":{"cat":0.25,"dog":0.75},"output":{"score":3,"threshold":2}}""");

        Assert.Equal(("prediction", "/output/score"), Proposed(found).Single(field => field.Field == "prediction"));
        Assert.Empty(found.RefusedAsProposed);

        found = Inspect(i => $$$"""{"x":{"a":{{{i}}}},"probabilities":{"cat":0.25,"dog":0.75}}""");
        Assert.Equal(("prediction", "/probabilities"), Proposed(found).Single(field => field.Field == "prediction"));
        Assert.Empty(found.RefusedAsProposed);
    }

    [Fact]
    public void Features_without_a_telling_name_are_the_object_of_numbers()
    {
        var found = Inspect(i => $$$"""{"score":0.5,"applicant":{"age":{{{i}}},"income":2000.5,"country":"{{{Countries[i % 3]}}}"},"meta":{"host":"a","zone":"b"}}""");

        Assert.Equal([("features", "/applicant"), ("prediction", "/score")], Proposed(found));
        Assert.Empty(found.RefusedAsProposed);
    }

    [Fact]
    public void Flat_events_are_watched_by_their_prediction_and_it_is_said_why()
    {
        var found = Inspect(i => $$$"""{"id":"e{{{i}}}","amount":{{{i}}},"country":"DE","score":0.5,"timestamp":1795305600}""");

        Assert.Equal([("id", "/id"), ("prediction", "/score")], Proposed(found));
        Assert.Equal(
            [
                "no features were found: only the prediction would be watched",
                "2 keys stand beside the fields of the event: features must stand in an object of their own to be watched",
                "/timestamp looks like seconds since 1970; a time is RFC 3339 with its offset, or milliseconds since 1970: the Kafka timestamp is taken",
            ],
            found.Remarks);
        Assert.Empty(found.RefusedAsProposed);
    }

    [Fact]
    public void An_array_of_features_is_named()
    {
        var found = Inspect(i => $$$"""{"features":[1,2,{{{i}}}],"prediction":"a"}""");

        Assert.Equal([("features", "/unmapped/features"), ("prediction", "/prediction")], Proposed(found));
        Assert.Contains("/features holds arrays: features must be an object of name → number, text or boolean", found.Remarks);
        Assert.Empty(found.RefusedAsProposed);
    }

    [Fact]
    public void A_feature_of_two_kinds_is_named_with_what_becomes_of_it()
    {
        var found = Inspect(i => i == 150 ? """{"features":{"a":"none"},"prediction":1}""" : $$$"""{"features":{"a":{{{i}}}},"prediction":1}""");

        Assert.Contains("/features/a is a number in 199 records and something else in 1: what differs from the first becomes a dead letter", found.Remarks);
        Assert.Equal([new NamedCount("wrong_type of features.a", 1)], found.RefusedAsProposed);
    }

    [Fact]
    public void Labels_are_known_as_labels()
    {
        var found = Inspect(i => $$$"""{"prediction_id":"e{{{i}}}","ground_truth":{{{i % 2}}},"time":1795305600000}""");

        Assert.True(found.IsLabels);
        Assert.Equal([("id", "/prediction_id"), ("time", "/time"), ("label", "/ground_truth")], Proposed(found));
        Assert.Empty(found.RefusedAsProposed);
        Assert.Equal(200, found.RefusedAsConfigured.Sum(reason => reason.Count));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 7, 123 }, "schema registry framing (Avro, Protobuf or JSON Schema behind five bytes): cannot be read")]
    [InlineData(new byte[] { 0xff, 0xfe, 1 }, "binary: cannot be read")]
    [InlineData(new byte[] { (byte)'a', (byte)',', (byte)'b' }, "text that is no JSON: cannot be read")]
    [InlineData(new byte[] { (byte)'[', (byte)'1', (byte)']' }, "JSON, but no object: cannot be read")]
    [InlineData(null, "no value")]
    public void What_cannot_be_read_is_called_by_its_format(byte[]? value, string format)
    {
        var found = EventInspection.Of("t", [(0, new LogRecord(0, 0, null, value))], new MonitoringOptions());

        Assert.Equal([new NamedCount(format, 1)], found.Formats);
        Assert.Empty(found.Proposed);
        Assert.StartsWith("no value is a JSON object", Assert.Single(found.Remarks), StringComparison.Ordinal);
        Assert.Equal(1, found.RefusedAsProposed.Sum(reason => reason.Count));
    }

    [Fact]
    public void A_binary_CloudEvent_is_told_by_its_headers()
    {
        var header = new KeyValuePair<string, byte[]>("ce_specversion", "1.0"u8.ToArray());
        var record = new LogRecord(0, 0, null, """{"features":{"a":1}}"""u8.ToArray(), [header]);

        var found = EventInspection.Of("t", [(0, record)], new MonitoringOptions());

        Assert.StartsWith("CloudEvent, binary", Assert.Single(found.Formats).Name, StringComparison.Ordinal);
        Assert.Contains(found.Remarks, remark => remark.StartsWith("driftd reads the value alone", StringComparison.Ordinal));
    }

    [Fact]
    public void No_value_of_an_event_is_in_what_is_found()
    {
        var found = Inspect(i => $$$"""{"id":"canary{{{i}}}","features":{"a":"canary","b":98765.25},"prediction":"canary","error":"canary"}""");

        var all = JsonSerializer.Serialize(found);
        Assert.DoesNotContain("canary", all, StringComparison.Ordinal);
        Assert.DoesNotContain("98765", all, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_whose_names_are_data_are_cut_and_it_is_said()
    {
        var found = Inspect(static i => $$$"""{"features":{"a":1},"prediction":1,"per_user":{{{{Users(i)}}}}}""");

        Assert.True(found.KeysAreCut);
        Assert.Equal(1_000, found.Keys.Count);
        Assert.Empty(found.RefusedAsProposed);
    }

    private static string Users(int i) => string.Join(',', Enumerable.Range(i * 10, 10).Select(static user => $$"""
        "u{{user}}":{"n":1}
        """));

    private static EventInspection Inspect(Func<int, string> json) => EventInspection.Of(
        "t",
        [
            .. Enumerable.Range(0, 200).Select(i =>
            {
                var (text, key) = (json(i), "e" + i);
                return (i % 3, new LogRecord(i / 3, 1_795_305_600_000 + i, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text)));
            }),
        ],
        new MonitoringOptions());

    private static List<(string Field, string Pointer)> Proposed(EventInspection found) => [.. found.Proposed.Select(field => (field.Field, field.Pointer))];
}
