using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>
/// What holds after any fault: nothing lost, nothing twice, memory as if nothing had happened. The measure is the same two stages fed in one thread:
/// DETECT with the input logs, DECIDE with the <c>drift.panes</c> log as it is.
/// </summary>
internal sealed class Auditor(Scene scene, ITestOutputHelper print)
{
    private static readonly TimeSpan Read = TimeSpan.FromMinutes(2);

    /// <summary>Bytes of saved state as this build would have written them, where another build did.</summary>
    public Func<byte[], byte[]> AsHere { get; init; } = static value => value;

    private readonly List<OutputRecord> _expected = [];
    private long _events;
    private int _monitors;

    /// <summary>Waits until both groups have committed all there is; the feed must have ended.</summary>
    public async Task Quiet(Fleet fleet, TimeSpan? deadline = null)
    {
        using var progress = new Progress(scene);
        await fleet.Until(progress.AllDetected, "all events are committed by DETECT", deadline);
        var ends = Log.Read(scene.Servers, scene.Topics.Panes).GroupBy(static pane => pane.Partition.Value)
            .ToDictionary(static log => log.Key, static log => log.Max(static pane => pane.Offset.Value) + 1);
        await fleet.Until(() => progress.AllDecided(ends), "all panes are committed by DECIDE", deadline);
    }

    /// <summary>Checks the invariants once all processes have stopped; each of the faults must have happened.</summary>
    public async Task Check(string scenario, LiveReader live, long produced, params (string Name, double Count)[] faults)
    {
        var waited = await NoOpenTransaction();
        await Replay(StageRole.Detect);
        await Replay(StageRole.Decide);
        var written = Enumerable.Empty<OutputTopic>()
            .Append(OutputTopic.Panes).Append(OutputTopic.Signals).Append(OutputTopic.Triggers).Append(OutputTopic.DeadLetters)
            .ToDictionary(static topic => topic, topic => Log.Read(scene.Servers, scene.Topics.Name(topic, StageRole.Decide)));
        foreach (var (topic, log) in written)
        {
            Same(topic.ToString(), _expected.Where(record => record.Topic == topic).Select(Line), log.Select(Line));
        }

        foreach (var topic in (OutputTopic[])[OutputTopic.Signals, OutputTopic.Triggers])
        {
            var name = scene.Topics.Name(topic, StageRole.Decide);
            await Until.True(() => live.Of(name).Count >= written[topic].Count, $"the live reader has all {topic}");
            Same($"{topic} read during the faults", written[topic].Select(Line), live.Of(name).Select(Line));
        }

        Assert.NotEmpty(written[OutputTopic.Triggers]);
        Covered(written[OutputTopic.Panes]);
        var letters = written[OutputTopic.DeadLetters].Count;
        Assert.Equal(produced, _events + letters);
        Assert.All(faults, static fault => Assert.True(fault.Count > 0, fault.Name + ": did not happen"));
        print.WriteLine(
            $"{scenario}: I1 {written[OutputTopic.Panes].Count} panes, {written[OutputTopic.Signals].Count} signals, "
            + $"{written[OutputTopic.Triggers].Count} triggers as expected, live reader too; I2 {_monitors} states equal; "
            + $"I3 no open transaction after {waited.TotalSeconds:0.0} s; I4 {produced} produced = {_events} in state + {letters} dead letters; "
            + $"I5 {string.Join(", ", faults.Select(static fault => $"{fault.Count:0} {fault.Name}"))}");
    }

    /// <summary>I3: the last stable offset reaches the high watermark wherever driftd writes.</summary>
    private async Task<TimeSpan> NoOpenTransaction()
    {
        using var progress = new Progress(scene);
        var (topics, watch) = (scene.Topics.Written.Distinct().ToList(), Stopwatch.StartNew());
        await Until.True(
            () => topics.TrueForAll(topic =>
                progress.Ends(topic, IsolationLevel.ReadCommitted).ToHashSet().SetEquals(progress.Ends(topic, IsolationLevel.ReadUncommitted))),
            "no transaction is open", Scene.TransactionTimeout + TimeSpan.FromSeconds(10));
        return watch.Elapsed;
    }

    /// <summary>Feeds a stage its logs, and compares the state that driftd has saved (I2).</summary>
    private async Task Replay(StageRole role)
    {
        var (topic, id) = (scene.Input(role), await scene.Cluster.TopicId(scene.Input(role)));
        using var progress = new Progress(scene);
        using var envelope = new StateEnvelope();
        var committed = progress.Committed(role);
        foreach (var partition in progress.Ends(topic, IsolationLevel.ReadUncommitted).Keys)
        {
            var log = Log.Partition(scene.Servers, topic, partition);
            var state = new TopicPartition(scene.Topics.State(role), partition);
            var saved = new StateReading(scene.Kafka, scene.Group(role), NullLogger.Instance, TimeProvider.System).Read([state], Read, static _ => { })[state]
                .Values(key => key.TopicId == id, envelope)
                .Select(piece => piece.Key.Kind == StateKind.Monitor ? piece with { Value = AsHere(piece.Value) } : piece).ToList();
            var contained = saved.Where(static record => record.Key.Kind == StateKind.Monitor).Select(static record => StateSummary.Read(record.Value).Contained);
            IStage stage = role == StageRole.Detect ? new DetectStage(scene.Options) : new DecideStage(scene.Options);
            var replay = new StageReplay(stage, topic, id, partition, log, contained);
            _expected.AddRange(replay.Written);
            Assert.True(log.Length == 0 || saved.Count > 0, $"{state} holds no state");
            foreach (var (key, value, _, _, _, _) in saved)
            {
                Compare(state, key, value, replay, committed);
                _events += role == StageRole.Detect && key.Kind == StateKind.Monitor ? StateSummary.Read(value).Events : 0;
                _monitors += key.Kind == StateKind.Monitor ? 1 : 0;
            }
        }
    }

    private static void Compare(TopicPartition state, StateKey key, byte[] value, StageReplay replay, Dictionary<int, long> committed)
    {
        if (key.Kind == StateKind.Position)
        {
            // after a clean stop all that is committed is contained
            var position = PartitionPosition.Decode(value);
            Assert.Equal((committed[key.Partition], committed[key.Partition]), (position.Committed, position.ReplayFrom));
            return;
        }

        var expected = replay.State(key, value);
        Assert.True(expected is not null, $"{state}: {key}: an uninterrupted run has no such state at that offset");
        Assert.True(expected.AsSpan().SequenceEqual(value), $"{state}: {key}: state differs from that of an uninterrupted run");
    }

    /// <summary>Panes of each model version and partition lie side by side from its first event on.</summary>
    private static void Covered(List<ConsumeResult<byte[], byte[]>> panes)
    {
        var decoded = panes.Select(static record => PaneCodec.Decode(record.Message.Value));
        foreach (var model in decoded.GroupBy(static pane => (pane.Model, pane.Version, pane.Spans[0].Partition)))
        {
            var spans = model.Select(static pane => pane.Spans[0]).OrderBy(static span => span.FromOffset).ToList();
            Assert.All(spans.Zip(spans.Skip(1)), static pair => Assert.True(pair.First.ToOffset <= pair.Second.FromOffset, $"{pair.First} and {pair.Second} overlap"));
        }
    }

    private static void Same(string what, IEnumerable<string> expected, IEnumerable<string> found)
    {
        var (wanted, there) = (Counted(expected), Counted(found));
        var (missing, surplus) = (Without(wanted, there), Without(there, wanted));
        Assert.True(
            missing.Count == 0 && surplus.Count == 0,
            $"{what}: {missing.Count} missing, {surplus.Count} too many; first missing {missing.FirstOrDefault()}, first too many {surplus.FirstOrDefault()}");
    }

    private static Dictionary<string, int> Counted(IEnumerable<string> lines) => lines.CountBy(static line => line).ToDictionary();

    private static List<string> Without(Dictionary<string, int> all, Dictionary<string, int> others) =>
        [.. all.SelectMany(line => Enumerable.Repeat(line.Key, Math.Max(0, line.Value - others.GetValueOrDefault(line.Key))))];

    private static string Line(OutputRecord record) => Line(record.Key, record.Value, record.Headers?.Select(static header => (header.Key, header.Value)) ?? []);

    private static string Line(ConsumeResult<byte[], byte[]> record) =>
        Line(record.Message.Key, record.Message.Value, record.Message.Headers.Select(static header => (header.Key, header.GetValueBytes())));

    private static string Line(byte[]? key, byte[]? value, IEnumerable<(string Name, byte[] Value)> headers) =>
        $"{Hex(key)} {Hex(value)} {string.Join(' ', headers.Select(static header => header.Name + "=" + Encoding.UTF8.GetString(header.Value)))}";

    private static string Hex(byte[]? bytes) => bytes is null ? "-" : Convert.ToHexString(bytes);
}
