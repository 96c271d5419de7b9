using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class LabelRecordsTests
{
    private const string LabelsTopic = "labels";

    private readonly DetectStage _stage = new(new MonitoringOptions { LearnFor = TimeSpan.Zero });
    private readonly List<OutputRecord> _output = [];

    public LabelRecordsTests()
    {
        _stage.Assign(Events.Topic, 0, Guid.Empty);
        _stage.Pair(Events.Topic, 0, LabelsTopic, Guid.Empty, default);
    }

    [Theory]
    [InlineData("""{"label":1}""", "no_id", "")]
    [InlineData("""{"id":"a"}""", "no_label", "")]
    [InlineData("""{"id":"a","label":[1]}""", "wrong_type", "label")]
    [InlineData("""{"id":"a","label":1""", "broken_json", "")]
    [InlineData(null, "null_value", "")]
    public void A_record_that_is_no_label_is_a_dead_letter_of_its_own_topic(string? json, string reason, string field)
    {
        Label(0, json);

        var headers = Assert.Single(_output).Headers!.ToDictionary(header => header.Key, header => Encoding.UTF8.GetString(header.Value));
        Assert.Equal((LabelsTopic, reason, field), (headers["__driftd.errors.topic"], headers["__driftd.errors.reason"], headers["__driftd.errors.field"]));
        Assert.Equal(0, _stage.Snapshot().Labels.Taken);
    }

    [Fact]
    public void A_pane_names_the_offsets_of_predictions_first_and_then_of_labels()
    {
        Event(5, "a", "0.9");
        Event(6, "b", "0.9");
        Label(70, """{"id":"a","label":1}""");
        Label(72, """{"id":"b","label":0}""");
        Flush();

        var pane = Assert.Single(_output.Panes());
        Assert.Equal([new OffsetSpan(Events.Topic, 0, 5, 7), new OffsetSpan(LabelsTopic, 0, 70, 73)], pane.Spans);
        Assert.Equal((2, 2, 0.5), (pane.Events, pane.Labels, pane.Streams.Single(stream => stream.Name == "error").Mean));
    }

    [Fact]
    public void A_pane_may_hold_labels_without_events()
    {
        Event(5, "a", "0.9");
        Flush();
        Label(70, """{"id":"a","label":0}""");
        Flush();

        var pane = _output.Panes()[1];
        Assert.Equal((0, 1, 1), (pane.Events, pane.Labels, pane.Streams.Single(stream => stream.Name == "error").Mean));
        Assert.Equal([new OffsetSpan(Events.Topic, 0, 6, 6), new OffsetSpan(LabelsTopic, 0, 70, 71)], pane.Spans);

        var (decide, decisions) = (new DecideStage(new MonitoringOptions()), new List<OutputRecord>());
        decide.Assign("panes", 0, Guid.Empty);
        decide.Process("panes", 0, [.. _output.Where(record => record.Topic == OutputTopic.Panes).Select((record, i) => new LogRecord(i, i, record.Key, record.Value))], decisions);
        Assert.Equal(0, decide.Snapshot().Occurrences.Where(occurrence => occurrence.Name == "panes_skipped").Sum(occurrence => occurrence.Count));
    }

    [Fact]
    public void A_label_inside_the_event_is_used_and_one_that_follows_is_a_duplicate_or_a_correction()
    {
        _stage.Process(Events.Topic, 0, [Events.Record(0, """{"id":"a","prediction":0.9,"label":1}""")], _output);
        Label(0, """{"id":"a","label":1}""");
        Label(1, """{"id":"a","label":0}""");

        var snapshot = _stage.Snapshot();
        Assert.Equal(new LabelCounts { Taken = 2, Duplicates = 1, Corrections = 1 }, snapshot.Labels);
        Assert.Equal(1, snapshot.Models.Single().Labels);
    }

    [Fact]
    public void A_distribution_meets_a_label_that_is_a_number()
    {
        Event(0, "a", """{"0":0.2,"1":0.8}""");
        Label(0, """{"id":"a","label":1}""");

        Assert.Equal((1, 0), (_stage.Snapshot().Labels.Joined, _stage.Snapshot().Models.Single().Errors));
    }

    [Fact]
    public void Text_for_a_number_is_counted_and_the_prediction_stays_open()
    {
        Event(0, "a", "0.9");
        Label(0, """{"id":"a","label":"yes"}""");
        Label(1, """{"id":"a","label":1}""");

        Assert.Equal(new LabelCounts { Taken = 2, Joined = 1, Misfits = 1 }, _stage.Snapshot().Labels);
    }

    private void Event(long offset, string id, string prediction) =>
        _stage.Process(Events.Topic, 0, [Events.Record(offset, $"{{\"id\":\"{id}\",\"prediction\":{prediction}}}")], _output);

    private void Label(long offset, string? json) => _stage.Process(LabelsTopic, 0, [Events.Record(offset, json, Events.Start)], _output);

    private void Flush() => _stage.Flush(Events.Topic, 0, _output, FlushReason.End);
}
