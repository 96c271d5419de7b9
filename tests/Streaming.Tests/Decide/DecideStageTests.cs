using System.Text.Json;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class DecideStageTests
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };

    [Fact]
    public void A_rise_of_the_error_rate_gives_one_signal_and_one_trigger_with_evidence_and_offsets()
    {
        var records = Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.1 : 0.3);

        var decisions = Decide(Quick, Events.Detect(Quick, records, 512));

        var signal = Assert.Single(Data(decisions, OutputTopic.Signals), data => data.GetProperty("level").GetString() == "drift");
        Assert.Equal(("error", "adwin", "up"), (Text(signal, "stream"), Text(signal, "detector"), Text(signal, "direction")));
        var trigger = Assert.Single(Data(decisions, OutputTopic.Triggers));
        Assert.StartsWith("concept drift: error rate 0.1", Text(trigger, "reason"), StringComparison.Ordinal);
        var fresh = trigger.GetProperty("freshData")[0];
        Assert.InRange(fresh.GetProperty("fromOffset").GetInt64(), 9_728, 10_240);
        Assert.InRange(fresh.GetProperty("toOffset").GetInt64(), 10_064, 11_500);
        var changedAt = DateTimeOffset.Parse(Text(trigger, "changedAt")).ToUnixTimeMilliseconds() - Events.Start;
        Assert.Equal(fresh.GetProperty("fromOffset").GetInt64(), changedAt);
    }

    [Fact]
    public void A_fall_of_the_error_rate_gives_nothing()
    {
        var records = Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.3 : 0.1);

        Assert.Empty(Decide(Quick, Events.Detect(Quick, records, 512)));
    }

    [Fact]
    public void A_pane_that_comes_twice_is_taken_once()
    {
        var panes = Panes(Events.Detect(Quick, Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.1 : 0.3), 512));
        var stage = new DecideStage(Quick);
        stage.Assign("panes", 0, Guid.Empty);
        var output = new List<OutputRecord>();
        foreach (var pane in panes)
        {
            stage.Process("panes", 0, [pane with { Offset = 2 * pane.Offset }, pane with { Offset = (2 * pane.Offset) + 1 }], output);
        }

        Assert.Single(output, record => record.Topic == OutputTopic.Triggers);
        Assert.Contains(new NamedCount("panes_skipped", panes.Length), stage.Snapshot().Occurrences);
    }

    [Fact]
    public void A_round_waits_for_every_live_partition_and_not_for_a_dead_one()
    {
        var (first, second) = (PanesOf(0), PanesOf(1));
        var stage = new DecideStage(Quick);
        stage.Assign("panes", 0, Guid.Empty);

        stage.Process("panes", 0, [first[0] with { Timestamp = 0 }, second[0] with { Offset = 1, Timestamp = 1 }], []);
        foreach (var pane in first[1..20])
        {
            stage.Process("panes", 0, [pane with { Offset = pane.Offset + 1, Timestamp = 2 }], []);
        }

        Assert.Equal(DriftLevel.Learning, Error(stage).Level);
        foreach (var pane in first[20..35])
        {
            stage.Process("panes", 0, [pane with { Offset = pane.Offset + 1, Timestamp = 180_002 }], []);
        }

        Assert.Equal(DriftLevel.Stable, Error(stage).Level);

        LogRecord[] PanesOf(int partition) =>
            Panes(Events.Detect(Quick, Events.Credit(9_000, seed: partition, _ => 0.1), 512, partition));

        static StreamStanding Error(DecideStage stage) => stage.Snapshot().Streams.Single(stream => stream.Stream == "error");
    }

    [Fact]
    public void A_shifted_feature_is_a_signal_of_three_detectors_and_no_trigger_where_labels_come()
    {
        var records = Events.Credit(30_000, seed: 3, _ => 0.1, i => i < 15_000 ? 0 : 0.4);

        var decisions = Decide(Quick, Events.Detect(Quick, records, 512));

        var detectors = Data(decisions, OutputTopic.Signals).Where(data => Text(data, "stream") == "feature:income" && Text(data, "level") == "drift")
            .Select(data => Text(data, "detector"));
        Assert.Equal(["adwin", "ks", "psi"], detectors.Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(Data(decisions, OutputTopic.Triggers));
    }

    [Theory]
    [InlineData(Mode.Observe, null, "observe")]
    [InlineData(Mode.Trigger, 1, "age")]
    public void A_decision_that_is_not_published_is_counted_with_its_reason(Mode mode, int? maxAgeSeconds, string reason)
    {
        var options = Quick with { Mode = mode, TriggerMaxAge = maxAgeSeconds is null ? null : TimeSpan.FromSeconds(maxAgeSeconds.Value) };
        var stage = new DecideStage(options);
        stage.Assign("panes", 0, Guid.Empty);
        var output = new List<OutputRecord>();

        // the panes are written long after the events
        var panes = Panes(Events.Detect(Quick, Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.1 : 0.3), 512));
        stage.Process("panes", 0, [.. panes.Select(pane => pane with { Timestamp = Events.Start + 3_600_000 })], output);

        Assert.DoesNotContain(output, record => record.Topic == OutputTopic.Triggers);
        Assert.Equal(new SuppressedCount("credit", reason, 1), Assert.Single(stage.Snapshot().Suppressed));
    }

    [Fact]
    public void Bytes_that_are_no_pane_become_a_dead_letter()
    {
        var stage = new DecideStage(Quick);
        stage.Assign("panes", 0, Guid.Empty);
        var output = new List<OutputRecord>();

        stage.Process("panes", 0, [Events.Record(0, "no pane"), Events.Record(1, null)], output);

        Assert.Equal([OutputTopic.DeadLetters, OutputTopic.DeadLetters], output.Select(record => record.Topic));
        Assert.Contains(new DeadLetterCount("panes", "bad_pane", 2), stage.Snapshot().DeadLetters);
    }

    [Fact]
    public void Signals_and_triggers_are_CloudEvents_with_identities_that_never_repeat()
    {
        var records = Events.Credit(30_000, seed: 3, i => i < 10_000 ? 0.1 : 0.3, i => i < 15_000 ? 0 : 0.4);

        var decisions = Decide(Quick, Events.Detect(Quick, records, 512));

        var envelopes = decisions.Select(record => JsonDocument.Parse(record.Value!).RootElement).ToList();
        Assert.All(envelopes, envelope => Assert.Equal(("1.0", "/driftd/driftd", "credit"), (Text(envelope, "specversion"), Text(envelope, "source"), Text(envelope, "subject"))));
        Assert.Equal(envelopes.Count, envelopes.Select(envelope => Text(envelope, "id")).Distinct().Count());
        Assert.All(decisions, record => Assert.Equal("credit"u8.ToArray(), record.Key));
    }

    private static List<OutputRecord> Decide(MonitoringOptions options, IEnumerable<OutputRecord> detected) => Run(options, Panes(detected), 1);

    private static List<OutputRecord> Run(MonitoringOptions options, LogRecord[] panes, int batch)
    {
        var (stage, output) = (new DecideStage(options), new List<OutputRecord>());
        stage.Assign("panes", 0, Guid.Empty);
        for (var i = 0; i < panes.Length; i += batch)
        {
            stage.Process("panes", 0, panes.AsSpan(i, Math.Min(batch, panes.Length - i)), output);
        }

        return output;
    }

    private static LogRecord[] Panes(IEnumerable<OutputRecord> detected) =>
        [.. detected.Where(record => record.Topic == OutputTopic.Panes).Select((record, i) => new LogRecord(i, i, record.Key, record.Value))];

    private static IEnumerable<JsonElement> Data(IEnumerable<OutputRecord> records, OutputTopic topic) =>
        records.Where(record => record.Topic == topic).Select(record => JsonDocument.Parse(record.Value!).RootElement.GetProperty("data"));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
