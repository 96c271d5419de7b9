using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

public class DetectStateTests(ITestOutputHelper print)
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.FromSeconds(4) };

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 12)]
    [InlineData(3, 60)]
    public void Crashes_at_any_point_change_no_byte_that_is_written(int seed, int pauses)
    {
        var log = MixedLog.Of(4_000, seed);
        var idleAt = Pauses(log.Length, pauses, seed);
        var whole = new StateStore(Create, log, idleAt, 0).Run();
        var expected = whole.Written.Select(StateStore.Line).ToArray();
        Assert.Contains(whole.Written, record => record.Topic == OutputTopic.DeadLetters);
        Assert.Contains(whole.Written.Panes(), pane => pane.Levels.Count > 0);
        Assert.Contains(whole.Written.Panes(), pane => pane.Streams.Any(stream => stream.Reference is not null));
        var (crashes, replayed) = (0, 0L);
        for (var schedule = 0; schedule < 60; schedule++)
        {
            var crashed = new StateStore(Create, log, idleAt, (seed * 1_000) + schedule).RunWithCrashes(0.12, 0.25, schedule % 3 == 0 ? 40 : 300);
            (crashes, replayed) = (crashes + crashed.Crashes, replayed + crashed.Replayed);

            Assert.Equal(expected, crashed.Written.Select(StateStore.Line));
            Assert.Equal(Lines(whole), Lines(crashed));
        }

        print.WriteLine($"60 schedules, {crashes} crashes, {replayed} records replayed, {expected.Length} outputs each");
        Assert.True(crashes > 60 && replayed > log.Length);
    }

    [Fact]
    public void Crashes_while_a_sample_is_thinned_change_no_byte()
    {
        var options = new MonitoringOptions { LearnFor = TimeSpan.FromHours(1) };
        var log = MixedLog.Of(14_000, 9, longestStep: 600);
        var whole = new StateStore(() => new DetectStage(options), log, [], 0).Run();
        Assert.Contains(whole.Written.Panes(), pane => pane.Streams.Any(stream => stream.Reference is { } reference && reference.BinShares is not null));

        for (var schedule = 0; schedule < 5; schedule++)
        {
            var crashed = new StateStore(() => new DetectStage(options), log, [], schedule).RunWithCrashes(0.3, 0.5, 1_500);

            Assert.Equal(whole.Written.Select(StateStore.Line), crashed.Written.Select(StateStore.Line));
            Assert.Equal(Lines(whole), Lines(crashed));
        }
    }

    [Fact]
    public void Counts_since_the_start_leave_replays_out()
    {
        var log = MixedLog.Of(3_000, 5);
        var store = new StateStore(Create, log, [], 0);
        store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        store.Step(2_000);
        store.Commit(new SaveScope(All: false, long.MaxValue, 1));
        store.Restart(Create());

        var afterReplay = store.Stage.Snapshot();
        store.Step(1_000);
        var afterwards = store.Stage.Snapshot();

        Assert.True(store.Replayed > 1_000);
        Assert.Equal(0, afterReplay.Models.Sum(model => model.Events + model.Labels + model.Errors));
        Assert.All(afterReplay.Occurrences.Concat(afterReplay.PanesClosed), count => Assert.Equal(0, count.Count));
        Assert.Empty(afterReplay.DeadLetters);
        Assert.Equal(1_000, afterwards.Models.Sum(model => model.Events) + afterwards.DeadLetters.Sum(letter => letter.Count));
    }

    [Fact]
    public void A_detector_whose_options_changed_begins_anew_and_all_other_state_is_equal()
    {
        var log = MixedLog.Of(2_400, 6);
        var store = new StateStore(Create, log, [], 0).Run();
        var before = store.State.Values.ToArray();

        store.Restart(new DetectStage(Quick with { AdwinDelta = 0.05 }));
        var after = new List<OutputRecord>();
        store.Stage.Process(StateStore.Topic, StateStore.Partition, [Events.Record(log[^1].Offset + 1, null)], after);

        // the four model versions with labels; the rare one has no detector
        Assert.Contains(new NamedCount("detectors_restarted", 4), store.Stage.Snapshot().Occurrences);
        after.RemoveAll(record => record.Topic != OutputTopic.State);
        Assert.Equal(4, after.Count);
        var fresh = FreshDetectorBytes();
        foreach (var record in after)
        {
            // the detector's part ends a monitor's bytes: all before its hash of options is the same
            var saved = Array.Find(before, other => other.Key.AsSpan().SequenceEqual(record.Key))!;
            var others = record.Value!.Length - fresh - 1 - 8;
            Assert.True(saved.Value.AsSpan(0, others).SequenceEqual(record.Value.AsSpan(0, others)));
            Assert.False(saved.Value.AsSpan(others, 8).SequenceEqual(record.Value.AsSpan(others, 8)));
        }
    }

    [Fact]
    public void A_detector_that_began_anew_is_fed_from_the_committed_offset_on()
    {
        var log = Events.Credit(6_000, seed: 5, _ => 0.1);
        var store = new StateStore(Create, log, [], 0);
        store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        store.Step(1_000);
        store.Commit(SaveScope.Everything);
        store.Step(2_000);
        store.Commit(new SaveScope(All: false, 0, 0));

        store.Restart(new DetectStage(Quick with { AdwinDelta = 0.05 }));
        store.Step(log.Length);
        store.Finish();

        var alone = new DetectStage(Quick with { AdwinDelta = 0.05 });
        var output = new List<OutputRecord>();
        alone.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        alone.Process(StateStore.Topic, StateStore.Partition, log.AsSpan(3_000), output);
        alone.Save(StateStore.Topic, StateStore.Partition, SaveScope.Everything, output);
        var (whole, part) = (store.State.Values.Single(IsMonitor).Value!, output.Last(IsMonitor).Value!);
        Assert.Equal(2_000, store.Replayed);
        Assert.True(whole.AsSpan()[^400..].SequenceEqual(part.AsSpan()[^400..]), "the detector knows the last 3,000 events and no others");
    }

    [Fact]
    public void A_detector_that_began_anew_goes_on_from_there_after_another_crash()
    {
        var log = MixedLog.Of(5_000, 6);
        var changed = Quick with { AdwinDelta = 0.05 };
        StateStore? first = null;
        foreach (var crashes in (int[])[0, 5])
        {
            var store = new StateStore(Create, log, [], crashes);
            store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
            store.Step(1_500);
            store.Commit(new SaveScope(All: false, long.MaxValue, 9_000));
            store.Restart(new DetectStage(changed));
            for (var i = 0; i < crashes; i++)
            {
                store.Step(300);
                store.Commit(new SaveScope(All: false, long.MaxValue, 1));
                store.Restart(new DetectStage(changed));
            }

            store.Step(log.Length);
            store.Finish();
            first ??= store;
            Assert.Equal(Lines(first), Lines(store));
            Assert.Equal(first.Written.Select(StateStore.Line), store.Written.Select(StateStore.Line));
        }
    }

    [Fact]
    public void A_pane_that_changed_options_would_not_have_closed_is_not_written_twice()
    {
        var log = Events.Credit(8_000, seed: 5, i => i < 3_000 ? 0.05 : 0.6);
        var store = new StateStore(Create, log, [], 0);
        store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        store.Step(3_500);
        store.Commit(new SaveScope(All: false, 0, 0));
        Assert.Contains(store.Written.Panes(), pane => pane.End == PaneEnd.Level);

        store.Restart(new DetectStage(Quick with { AdwinDelta = 1e-12 }));
        store.Step(log.Length);
        store.Finish();

        var spans = store.Written.Panes().Select(pane => pane.Spans[0]).ToList();
        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.ToOffset, pair.Second.FromOffset));
        Assert.Equal(StateStore.TopicId, spans[0].TopicId);
        Assert.All(store.Written.Panes(), pane => Assert.Equal(pane.Spans[0].ToOffset - pane.Spans[0].FromOffset, pane.Events));
    }

    [Fact]
    public void Saving_takes_the_longest_unsaved_first_and_ends_at_the_bytes_given()
    {
        var (stage, output) = (new DetectStage(Quick), new List<OutputRecord>());
        stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        LogRecord[] log = [.. "abc".Select((name, i) => Events.Record(i, $$"""{"model":"{{name}}","prediction":1}"""))];
        stage.Process(StateStore.Topic, StateStore.Partition, log, output);
        Assert.Equal(0, stage.FirstUnsaved(StateStore.Topic, StateStore.Partition));

        Save(new SaveScope(All: false, 3, 1));
        Assert.Equal(1, stage.FirstUnsaved(StateStore.Topic, StateStore.Partition));
        Save(new SaveScope(All: false, 2, 100_000));
        Assert.Equal(2, stage.FirstUnsaved(StateStore.Topic, StateStore.Partition));
        Save(SaveScope.Everything);
        Save(SaveScope.Everything);

        Assert.Null(stage.FirstUnsaved(StateStore.Topic, StateStore.Partition));
        Assert.Equal(["a", "b", "c"], output.Select(record => StateKey.Decode(record.Key).Model));
        Assert.Equal(new StateSummary(1, 1, 0, 0, Events.Start), StateSummary.Read(output[0].Value));

        void Save(SaveScope scope) => stage.Save(StateStore.Topic, StateStore.Partition, scope, output);
    }

    private static DetectStage Create() => new(Quick);

    private static HashSet<int> Pauses(int length, int count, int seed)
    {
        var random = new SplitMix(seed + 77);
        return [.. Enumerable.Range(0, count).Select(_ => 1 + (int)(random.Next() * (length - 1)))];
    }

    private static IEnumerable<string> Lines(StateStore store) => store.State.Values.Select(StateStore.Line).Order(StringComparer.Ordinal);

    private static bool IsMonitor(OutputRecord record) =>
        record is { Topic: OutputTopic.State, Value: not null } && StateKey.Decode(record.Key).Kind == StateKind.Monitor;

    private static int FreshDetectorBytes()
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new Drift.StateWriter(bytes);
        new Drift.AdwinOptions().Create().Save(ref writer);
        return bytes.WrittenCount;
    }
}
