using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class DetectStageTests
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero };

    [Fact]
    public void Every_event_is_in_exactly_one_pane_and_offsets_follow_on()
    {
        var panes = Events.Detect(Quick, Events.Credit(10_000, seed: 1, _ => 0.1), 512).Panes();

        Assert.Equal(10_000, panes.Sum(pane => pane.Events));
        Assert.Equal(10_000, panes.Sum(pane => pane.Labels));
        Assert.Equal(0, panes[0].Spans[0].FromOffset);
        Assert.Equal(10_000, panes[^1].Spans[0].ToOffset);
        Assert.All(panes.Zip(panes.Skip(1)), pair => Assert.Equal(pair.First.Spans[0].ToOffset, pair.Second.Spans[0].FromOffset));
    }

    [Fact]
    public void A_pane_closes_at_256_events_once_250_ms_of_Kafka_time_have_passed()
    {
        var slow = Events.Detect(Quick, Events.Credit(1_024, seed: 1, _ => 0.1), 512).Panes();
        var records = Events.Credit(1_024, seed: 1, _ => 0.1).Select(record => record with { Timestamp = Events.Start }).ToArray();
        var fast = Events.Detect(Quick, records, 512).Panes();

        Assert.Equal([256L, 256L, 256L, 256L], slow.Select(pane => pane.Events));
        Assert.Equal([1_024L], fast.Select(pane => pane.Events));
    }

    [Fact]
    public void A_pane_closes_after_5_s_of_event_time()
    {
        var panes = Events.Detect(Quick, Events.Credit(20, seed: 1, _ => 0.1, stepMilliseconds: 1_000), 512).Panes();

        Assert.Equal([6L, 6L, 6L, 2L], panes.Select(pane => pane.Events));
        Assert.Equal(PaneEnd.Time, panes[0].End);
        Assert.Equal(PaneEnd.End, panes[^1].End);
    }

    [Fact]
    public void A_rise_of_the_error_rate_closes_a_pane_and_travels_in_it()
    {
        var panes = Events.Detect(Quick, Events.Credit(6_000, seed: 5, i => i < 3_000 ? 0.05 : 0.6), 512).Panes();

        var first = panes.First(pane => pane.Levels.Count > 0);
        Assert.Equal(PaneEnd.Level, first.End);
        Assert.InRange(first.Spans[0].ToOffset, 3_010, 3_200);
        Assert.Equal("error", first.Levels[0].Stream);
    }

    [Fact]
    public void References_travel_once_when_2000_values_are_learnt()
    {
        var panes = Events.Detect(Quick, Events.Credit(5_000, seed: 1, _ => 0.1), 512).Panes();

        var withReference = panes.Where(pane => pane.Streams.Any(stream => stream.Reference is not null)).ToList();
        var pane = Assert.Single(withReference);
        Assert.InRange(pane.Spans[0].ToOffset, 2_000, 2_305);
        var income = pane.Streams.Single(stream => stream.Name == "feature:income");
        Assert.InRange(income.Reference!.Count, 2_000, 2_304);
        Assert.All(panes.SkipWhile(p => p != pane).Skip(1), p =>
            Assert.Equal(p.Events, p.Streams.Single(stream => stream.Name == "feature:income").U.Count));
    }

    [Fact]
    public void A_reference_waits_for_learnFor_and_then_takes_200_values()
    {
        var records = Events.Credit(600, seed: 1, _ => 0.1, stepMilliseconds: 60_000);
        var panes = Events.Detect(new MonitoringOptions { LearnFor = TimeSpan.FromHours(5) }, records, 512).Panes();

        var first = panes.First(pane => pane.Streams.Any(stream => stream.Reference is not null));
        Assert.InRange(first.Spans[0].ToOffset, 300, 303);
    }

    [Fact]
    public void A_bad_record_becomes_a_dead_letter_with_its_origin_and_the_others_go_on()
    {
        var records = Events.Credit(3, seed: 1, _ => 0.1);
        records[1] = Events.Record(1, "{\"features\":{\"income\":\"high\"}", key: null) with { Headers = [new("trace", "7"u8.ToArray())] };

        var output = Events.Detect(Quick with { DeadLetters = DeadLetterContent.Record }, records, 512);

        var letter = Assert.Single(output, record => record.Topic == OutputTopic.DeadLetters);
        Assert.Equal(records[1].Value, letter.Value);
        Assert.Equal(
            ["trace=7", "__driftd.errors.topic=predictions", "__driftd.errors.partition=0", "__driftd.errors.offset=1",
             $"__driftd.errors.timestamp={Events.Start + 1}", "__driftd.errors.reason=broken_json", "__driftd.errors.field="],
            letter.Headers!.Select(header => $"{header.Key}={Encoding.UTF8.GetString(header.Value)}"));
        Assert.Equal(2, output.Panes().Sum(pane => pane.Events));
    }

    [Fact]
    public void A_dead_letter_is_cut_to_what_any_broker_takes()
    {
        var options = Quick with { MaxRecordBytes = 8 << 20, DeadLetters = DeadLetterContent.Record };
        var bad = new LogRecord(0, Events.Start, new byte[600_000], new byte[3_000_000], [new("trace", new byte[500_000])]);

        var output = Events.Detect(options, [bad], 1);

        var letter = Assert.Single(output, record => record.Topic == OutputTopic.DeadLetters);
        Assert.InRange(letter.Key!.Length + letter.Value!.Length + letter.Headers!.Sum(header => header.Key.Length + header.Value.Length), 700_000, 950_000);
        Assert.Equal(
            ["headers=1", "keyLength=600000", "length=3000000"],
            letter.Headers!.TakeLast(3).Select(header => $"{header.Key["__driftd.errors.".Length..]}={Encoding.UTF8.GetString(header.Value)}"));
    }

    [Fact]
    public void Text_where_numbers_came_before_is_a_wrong_type()
    {
        LogRecord[] records = [Events.Record(0, """{"features":{"a":1}}"""), Events.Record(1, """{"features":{"a":"x"}}"""), Events.Record(2, """{"features":{"a":true}}""")];

        var output = Events.Detect(Quick, records, 1);

        var letter = Assert.Single(output, record => record.Topic == OutputTopic.DeadLetters);
        Assert.Contains(letter.Headers!, header => header.Key.EndsWith("field", StringComparison.Ordinal) && Encoding.UTF8.GetString(header.Value) == "features.a");
        Assert.Equal(2, output.Panes().Sum(pane => pane.Events));
    }

    [Fact]
    public void A_time_more_than_an_hour_ahead_is_clamped_and_counted()
    {
        var stage = new DetectStage(Quick);
        stage.Assign(Events.Topic, 0, Guid.Empty);
        var output = new List<OutputRecord>();

        stage.Process(Events.Topic, 0, [Events.Record(0, """{"features":{"a":1},"time":"2999-01-01T00:00:00Z"}""")], output);
        stage.Flush(Events.Topic, 0, output, FlushReason.End);

        Assert.Equal(Events.Start, Assert.Single(output.Panes()).Watermark);
        Assert.Contains(new NamedCount("clamped_times", 1), stage.Snapshot().Occurrences);
    }

    [Fact]
    public void Models_and_versions_are_kept_apart_and_default_to_topic_and_dash()
    {
        LogRecord[] records =
        [
            Events.Record(0, """{"features":{"a":1}}"""), Events.Record(1, """{"model":"x","features":{"a":1}}"""),
            Events.Record(2, """{"model":"x","version":2,"features":{"a":1}}"""), Events.Record(3, """{"model":"x","features":{"a":1}}"""),
        ];

        var panes = Events.Detect(Quick, records, 10).Panes();

        Assert.Equal([("predictions", "-", 1L), ("x", "-", 2L), ("x", "2", 1L)], panes.Select(pane => (pane.Model, pane.Version, pane.Events)));
    }

    [Fact]
    public void Models_beyond_the_limit_are_counted_and_left_out()
    {
        var stage = new DetectStage(Quick with { MaxModels = 2 });
        stage.Assign(Events.Topic, 0, Guid.Empty);
        var records = Enumerable.Range(0, 5).Select(i => Events.Record(i, $$"""{"model":"m{{i}}","prediction":1}""")).ToArray();

        stage.Process(Events.Topic, 0, records, []);

        Assert.Equal(2, stage.Snapshot().Models.Count);
        Assert.Contains(new NamedCount("over_model_limit", 3), stage.Snapshot().Occurrences);
    }

    [Theory]
    [InlineData("0.8", "1", ModelTask.Binary, 0)]
    [InlineData("0.2", "true", ModelTask.Binary, 1)]
    [InlineData("\"cat\"", "\"dog\"", ModelTask.MultiClass, 1)]
    [InlineData("{\"cat\":0.9,\"dog\":0.1}", "\"cat\"", ModelTask.MultiClass, 0)]
    [InlineData("12.5", "10", ModelTask.Regression, 2.5)]
    public void The_task_follows_from_prediction_and_label(string prediction, string label, ModelTask task, double error)
    {
        var panes = Events.Detect(Quick, [Events.Record(0, $$$"""{"prediction":{{{prediction}}},"label":{{{label}}}}""")], 1).Panes();

        var pane = Assert.Single(panes);
        Assert.Equal(task, pane.Task);
        Assert.Equal(error, pane.Streams.Single(stream => stream.Name == "error").Mean);
    }

    [Fact]
    public void Missing_values_constant_columns_and_new_categories_have_defined_results()
    {
        var records = Enumerable.Range(0, 4_000).Select(i => Events.Record(
            i, $$$"""{"features":{"constant":7,"gap":{{{(i % 2 == 0 ? "null" : "1.5")}}},"kind":"{{{(i < 3_000 ? "a" : "new")}}}"}}""")).ToArray();

        var last = Events.Detect(Quick, records, 512).Panes()[^1];

        var constant = last.Streams.Single(stream => stream.Name == "feature:constant");
        Assert.Equal((0.5, 0.0), (constant.U.Mean, constant.U.M2));
        var gap = last.Streams.Single(stream => stream.Name == "feature:gap");
        Assert.InRange(gap.Missing, gap.Count - 1, gap.Count + 1);
        Assert.InRange(last.Streams.Single(stream => stream.Name == "missing").Mean, 0.16, 0.17);
        Assert.Equal(last.Events, last.Streams.Single(stream => stream.Name == "feature:kind").NewCategories);
    }
}
