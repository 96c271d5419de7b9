using System.Text;
using Streaming.Drift;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

public class DecideStateTests(ITestOutputHelper print)
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null, Cooldown = TimeSpan.FromSeconds(8) };

    private static readonly Lazy<LogRecord[]> Log = new(() => Panes(4));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Crashes_at_any_point_change_no_signal_and_no_trigger(int seed)
    {
        var whole = new StateStore(Create, Log.Value, [], 0).Run();
        var expected = whole.Written.Select(StateStore.Line).ToArray();
        Assert.True(whole.Written.Count(record => record.Topic == OutputTopic.Signals) > 20);
        Assert.True(whole.Written.Count(record => record.Topic == OutputTopic.Triggers) > 2);
        var (crashes, replayed) = (0, 0);
        for (var schedule = 0; schedule < 70; schedule++)
        {
            var crashed = new StateStore(Create, Log.Value, [], (seed * 1_000) + schedule).RunWithCrashes(0.15, 0.3, schedule % 2 == 0 ? 12 : 90);
            (crashes, replayed) = (crashes + crashed.Crashes, replayed + crashed.Replayed);

            Assert.Equal(expected, crashed.Written.Select(StateStore.Line));
            Assert.Equal(Lines(whole), Lines(crashed));
        }

        print.WriteLine($"70 schedules, {Log.Value.Length} panes, {crashes} crashes, {replayed} panes replayed, {expected.Length} outputs each");
        Assert.True(crashes > 70 && replayed > Log.Value.Length);
    }

    [Fact]
    public void A_detector_whose_options_changed_begins_anew_and_the_others_stand_as_they_stood()
    {
        var store = new StateStore(Create, Log.Value, [], 0).Run();
        var before = store.Stage.Snapshot().Streams;

        store.Restart(new DecideStage(Quick with { AdwinDelta = 0.01 }));

        var after = store.Stage.Snapshot().Streams;
        var adwins = before.Count(standing => standing.Detector == "adwin");
        Assert.Contains(new NamedCount("detectors_restarted", adwins), store.Stage.Snapshot().Occurrences);
        Assert.Equal(Others(before), Others(after));
        Assert.All(after.Where(standing => standing.Detector == "adwin"), standing => Assert.Equal(0, standing.Count));

        static IEnumerable<StreamStanding> Others(IEnumerable<StreamStanding> standings) => standings.Where(standing => standing.Detector != "adwin")
            .OrderBy(standing => (standing.Model, standing.Version, standing.Stream, standing.Detector));
    }

    [Fact]
    public void A_detector_that_began_anew_goes_on_from_there_after_another_crash()
    {
        var changed = Quick with { AdwinDelta = 0.01 };
        StateStore? first = null;
        foreach (var crashes in (int[])[0, 6])
        {
            var store = new StateStore(Create, Log.Value, [], crashes);
            store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
            store.Step(200);
            store.Commit(new SaveScope(All: false, long.MaxValue, 1));
            store.Restart(new DecideStage(changed));
            for (var i = 0; i < crashes; i++)
            {
                store.Step(30);
                store.Commit(new SaveScope(All: false, long.MaxValue, 1));
                store.Restart(new DecideStage(changed));
            }

            store.Step(Log.Value.Length);
            store.Finish();
            first ??= store;
            Assert.Equal(first.Written.Select(StateStore.Line), store.Written.Select(StateStore.Line));
            Assert.Equal(Lines(first), Lines(store));
        }
    }

    [Fact]
    public void Counts_since_the_start_leave_replays_out()
    {
        var store = new StateStore(Create, Log.Value, [], 0);
        store.Stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        store.Step(Log.Value.Length);
        store.Commit(new SaveScope(All: false, 0, 0));

        store.Restart(Create());

        var snapshot = store.Stage.Snapshot();
        Assert.Equal(Log.Value.Length, store.Replayed);
        Assert.Empty(snapshot.Signals);
        Assert.Empty(snapshot.Triggers);
        Assert.Empty(snapshot.Suppressed);
        Assert.Empty(snapshot.DeadLetters);
        Assert.All(snapshot.Occurrences, occurrence => Assert.Equal(0, occurrence.Count));
        Assert.NotEmpty(snapshot.Streams);
    }

    [Fact]
    public void A_topic_made_anew_counts_from_0_again_and_its_offsets_alone_are_fresh()
    {
        var (stage, output) = (new DecideStage(Quick), new List<OutputRecord>());
        stage.Assign("panes", 0, Guid.Empty);
        var log = Events.Credit(20_000, seed: 3, i => i < 18_000 ? 0.1 : 0.3);
        var panes = Events.Detect(Quick, log[..10_000], 512).Panes();
        var anew = Events.Detect(Quick, [.. log[10_000..].Select((record, i) => record with { Offset = i })], 512).Panes();
        var all = panes.Concat(anew.Select(pane => pane with { Spans = [pane.Spans[0] with { TopicId = StateStore.TopicId }] }));

        stage.Process("panes", 0, [.. all.Select((pane, i) => new LogRecord(i, i, null, PaneCodec.Encode(pane)))], output);

        Assert.Contains(new NamedCount("panes_skipped", 0), stage.Snapshot().Occurrences);
        var trigger = System.Text.Json.JsonDocument.Parse(Assert.Single(output, record => record.Topic == OutputTopic.Triggers).Value!).RootElement;
        var fresh = trigger.GetProperty("data").GetProperty("freshData")[0];
        Assert.InRange(fresh.GetProperty("fromOffset").GetInt64(), 7_500, 8_300);
        Assert.InRange(fresh.GetProperty("toOffset").GetInt64(), 8_100, 10_000);
    }

    private static DecideStage Create() => new(Quick);

    private static IEnumerable<string> Lines(StateStore store) => store.State.Values.Select(StateStore.Line).Order(StringComparer.Ordinal);

    /// <summary>Panes of three partitions, two models and two versions, with drifts, panes that come twice and bytes that are no pane.</summary>
    private static LogRecord[] Panes(int seed)
    {
        var random = new SplitMix(seed);
        var queues = new List<Queue<OutputRecord>>();
        foreach (var (model, version, partition) in (ReadOnlySpan<(string, string, int)>)
            [("credit", "1", 0), ("credit", "1", 1), ("credit", "1", 2), ("credit", "2", 0), ("churn", "1", 1)])
        {
            var log = Events.Credit(
                22_000, seed + queues.Count, i => (i / 6_000) % 2 == 0 ? 0.1 : 0.35, i => i < 13_000 ? 0 : 0.35);
            LogRecord[] renamed = [.. log.Select(record => record with { Value = Rename(record.Value!, model, version) })];
            queues.Add(new Queue<OutputRecord>(Events.Detect(Quick, renamed, 512, partition).Where(record => record.Topic == OutputTopic.Panes)));
        }

        var (panes, time) = (new List<LogRecord>(), 0L);
        while (queues.Exists(queue => queue.Count > 0))
        {
            var queue = queues[(int)(random.Next() * queues.Count)];
            time += (long)(random.Next() * 4_000);
            if (queue.Count == 0 || random.Next() < 0.02)
            {
                panes.Add(new LogRecord(panes.Count, time, null, "no pane"u8.ToArray()));
                continue;
            }

            var pane = random.Next() < 0.05 ? queue.Peek() : queue.Dequeue();
            panes.Add(new LogRecord(panes.Count, time - (long)(random.Next() * 500), pane.Key, pane.Value));
        }

        return [.. panes];
    }

    private static byte[] Rename(byte[] json, string model, string version) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json)
        .Replace("\"model\":\"credit\",\"version\":\"1\"", $"\"model\":\"{model}\",\"version\":\"{version}\",\"latencyMs\":{json.Length % 17}", StringComparison.Ordinal));
}
