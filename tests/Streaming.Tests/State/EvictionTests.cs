using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class EvictionTests
{
    private const long Hour = 3_600_000;

    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null, ModelIdle = TimeSpan.FromHours(2) };

    [Fact]
    public void A_model_version_that_is_silent_for_too_long_is_forgotten_and_its_state_with_it()
    {
        var store = new StateStore(() => new DetectStage(Quick), [At(0, "a", 0), At(1, "b", 0), At(2, "b", Hour), At(3, "b", (2 * Hour) + 1)], [2], 0);
        store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        store.Step(2);
        store.Commit(SaveScope.Everything);
        Assert.Equal(["a", "a", "b", "b"], Models(store));

        store.Step(2);
        store.Commit(new SaveScope(All: false, 0, 0));

        // saved "a" lies before all that is unsaved, and nothing of it is open
        Assert.Equal(["b", "b"], Models(store));
        Assert.Equal(1, Evicted(store.Stage));
    }

    [Fact]
    public void A_model_version_with_an_open_pane_or_an_unsaved_event_stays()
    {
        LogRecord[] log = [At(0, "open", 0), At(1, "unsaved", 1), At(2, "unsaved", 6_000), At(3, "b", 0), At(4, "b", Hour), At(5, "b", (2 * Hour) + 7_000)];
        var store = new StateStore(() => new DetectStage(Quick), log, [], 0);
        store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        store.Step(log.Length);
        store.Commit(new SaveScope(All: false, UnsavedBefore: 1, int.MaxValue));
        Assert.Equal(0, Evicted(store.Stage));

        store.Commit(SaveScope.Everything);

        Assert.Equal(["b", "b", "open"], Models(store));
        Assert.Equal(1, Evicted(store.Stage));
    }

    [Fact]
    public void A_model_version_that_comes_back_after_too_long_starts_anew_and_loses_no_event()
    {
        var log = Events.Credit(5_010, seed: 1, _ => 0.1).Select((record, i) => i < 5_000 ? record : Later(record, 3 * Hour)).ToArray();
        var store = new StateStore(() => new DetectStage(Quick), log, [], 0).Run();
        store.Stage.Flush(StateStore.Topic, StateStore.Partition, [], FlushReason.End);

        var panes = store.Written.Panes();
        Assert.Equal(PaneEnd.Time, panes[^1].End);
        Assert.Equal((5_000L, 5_000L), (panes.Sum(pane => pane.Events), panes[^1].Spans[0].ToOffset));
        Assert.Equal(1, Evicted(store.Stage));
        var monitor = store.State.Values.Single(record => StateKey.Decode(record.Key).Kind == StateKind.Monitor);
        Assert.Equal((10L, 5_010L), (StateSummary.Read(monitor.Value).Events, StateSummary.Read(monitor.Value).Contained));
    }

    [Fact]
    public void Forgetting_and_crashing_change_no_byte_that_is_written()
    {
        var log = MixedLog.Of(3_000, 8, longestStep: 120_000);
        var whole = new StateStore(() => new DetectStage(Quick), log, [600, 1_500, 2_000], 0).Run();
        Assert.True(Evicted(whole.Stage) > 3);
        for (var schedule = 0; schedule < 60; schedule++)
        {
            var crashed = new StateStore(() => new DetectStage(Quick), log, [600, 1_500, 2_000], schedule).RunWithCrashes(0.12, 0.5, 60);

            Assert.Equal(whole.Written.Select(StateStore.Line), crashed.Written.Select(StateStore.Line));
        }
    }

    [Fact]
    public void A_model_whose_panes_end_for_too_long_is_forgotten_by_DECIDE_and_starts_anew()
    {
        var (credit, later) = (Events.Credit(6_000, seed: 1, _ => 0.1), Events.Credit(600, seed: 2, _ => 0.1).Select(record => Later(record, 3 * Hour)).ToArray());
        var panes = Log([.. Panes(credit), .. Panes(later)]);
        var (stage, output) = (new DecideStage(Quick), new List<OutputRecord>());
        stage.Assign("panes", 0, Guid.Empty);

        stage.Process("panes", 0, panes.AsSpan(0, panes.Length - 1), output);

        Assert.Equal(1, Evicted(stage));
        Assert.All(stage.Snapshot().Streams, standing => Assert.True(standing.Count <= 600 && standing.Level == DriftLevel.Learning));
    }

    [Fact]
    public void DECIDE_frees_models_and_versions_that_others_have_left_behind()
    {
        var credit = Panes(Events.Credit(600, seed: 1, _ => 0.1));
        var later = Panes([.. Events.Credit(600, seed: 2, _ => 0.1).Select(record => Later(record, 3 * Hour))]);
        var panes = Log(
            [.. credit, .. credit.Select(pane => pane with { Version = "0" }), .. later, .. credit.Select(pane => pane with { Model = "old" }), later[^1]]);
        var store = new StateStore(() => new DecideStage(Quick), panes, [], 0).Run();

        // credit starts anew as a whole when version 1 goes on; "old" is freed when its state was saved
        Assert.Equal(["credit"], store.State.Values.Select(record => StateKey.Decode(record.Key).Model));
        Assert.Equal(2, Evicted(store.Stage));
        Assert.All(store.Stage.Snapshot().Streams, standing => Assert.Equal(("credit", "1"), (standing.Model, standing.Version)));
    }

    private static LogRecord At(long offset, string model, long time) =>
        Events.Record(offset, $$"""{"model":"{{model}}","prediction":0.5}""", Events.Start + time);

    private static LogRecord Later(LogRecord record, long milliseconds)
    {
        var json = System.Text.Encoding.UTF8.GetString(record.Value!);
        var time = record.Timestamp.ToString();
        return record with
        {
            Timestamp = record.Timestamp + milliseconds,
            Value = System.Text.Encoding.UTF8.GetBytes(json.Replace(time, (record.Timestamp + milliseconds).ToString(), StringComparison.Ordinal)),
        };
    }

    private static Pane[] Panes(LogRecord[] records) => [.. Events.Detect(Quick, records, 512).Panes()];

    private static LogRecord[] Log(Pane[] panes) => [.. panes.Select((pane, i) =>
        new LogRecord(i, i, null, PaneCodec.Encode(pane with { Spans = [pane.Spans[0] with { FromOffset = i, ToOffset = i + 1 }] })))];

    private static IEnumerable<string> Models(StateStore store) =>
        store.State.Values.Select(record => StateKey.Decode(record.Key).Model).Order(StringComparer.Ordinal);

    private static long Evicted(IStage stage) => stage.Snapshot().Occurrences.Single(occurrence => occurrence.Name == "models_evicted").Count;
}
