using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

public class LabelStateTests(ITestOutputHelper print)
{
    private static readonly MonitoringOptions Quick = new()
    {
        LearnFor = TimeSpan.FromSeconds(4),
        LabelHorizons = new LabelHorizons { Default = TimeSpan.FromSeconds(3), Models = new Dictionary<string, TimeSpan> { ["price"] = TimeSpan.FromSeconds(2) } },
    };

    [Theory]
    [InlineData(0, 0, 1_000_000)]
    [InlineData(1, 0.1, 1_000_000)]
    [InlineData(2, 0.3, 1_000_000)]
    [InlineData(3, 0.1, 80)]
    public void Crashes_at_any_point_change_no_byte_that_is_written_over_the_recorded_order(int seed, double silence, int most)
    {
        var options = Quick with { MaxOpenPredictions = most };
        var (predictions, labels) = LabelledLog.Of(3_000, seed, 4_000);
        var (crashes, replayed, unordered) = (0, 0, 0L);
        for (var schedule = 0; schedule < 10; schedule++)
        {
            var crashed = new PairStore(options, predictions, labels, (seed * 1_000) + schedule).Run(0.03, 0.2, silence);
            var whole = new PairStore(options, predictions, labels, 0).Follow(crashed.Order);

            Assert.Equal(predictions.Length + labels.Length, crashed.Order.Count);
            Assert.Equal(whole.Written.Select(StateStore.Line), crashed.Written.Select(StateStore.Line));
            Assert.Equal(Monitors(whole), Monitors(crashed));
            Assert.Equal(Total(whole), Total(crashed));
            (crashes, replayed, unordered) = (crashes + crashed.Crashes, replayed + crashed.Replayed, unordered + crashed.Unordered);
        }

        var counts = Total(new PairStore(options, predictions, labels, 0).Run(0, 0.1, 0));
        print.WriteLine($"10 schedules, {crashes} crashes, {replayed} records replayed, {unordered} out of order; {counts}");
        Assert.True(crashes > 40 && replayed > 10_000);
        Assert.True(counts is { Joined: > 500, Duplicates: > 20, Corrections: > 10, Orphans: > 5 });
        Assert.Equal(silence > 0, unordered > 0);
        Assert.Equal(most == 80, counts.Evicted > 0);
    }

    [Fact]
    public void Without_silence_the_order_is_that_of_the_logs_alone()
    {
        var (predictions, labels) = LabelledLog.Of(3_000, 4, 4_000);
        var runs = Enumerable.Range(0, 10).Select(seed => new PairStore(Quick, predictions, labels, seed).Run(0.03, 0.2, 0)).ToList();

        Assert.All(runs, run => Assert.Equal(0, run.Unordered));
        Assert.All(runs, run => Assert.Equal(runs[0].Order, run.Order));
        Assert.All(runs, run => Assert.Equal(runs[0].Written.Select(StateStore.Line), run.Written.Select(StateStore.Line)));
    }

    [Fact]
    public void Segments_and_orders_are_forgotten_once_nothing_needs_them()
    {
        var (predictions, labels) = LabelledLog.Of(20_000, 5, 4_000);
        var run = new PairStore(Quick, predictions, labels, 1).Run(0, 0.3, 0);
        var kinds = run.State.Values.CountBy(record => StateKey.Decode(record.Key).Kind).ToDictionary();

        print.WriteLine($"at most {run.MostState} pieces of state; at the end {string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}"))}");
        Assert.Equal(0, kinds.GetValueOrDefault(StateKind.Order));
        Assert.True(kinds[StateKind.Join] < 100);
        Assert.True(run.MostState < 300);
    }

    [Fact]
    public void Labels_that_are_gone_when_they_would_be_replayed_are_judged_all_the_same_and_no_open_prediction_is_lost()
    {
        var (predictions, labels) = LabelledLog.Of(6_000, 6, 4_000);
        var whole = new PairStore(Quick, predictions, labels, 1).Run(0, 0.1, 0);
        var crashed = new PairStore(Quick, predictions, labels, 1).RunTo(3_000);

        // a compacted topic keeps some of what was committed; what comes is there
        var committed = crashed.Committed.Labels;
        var left = labels.Where(label => label.Offset >= committed || (label.Offset % 3 == 0 && label.Offset < committed - 20)).ToArray();
        crashed.CrashTo(left).GoOn();

        Assert.True(crashed.Replayed > 3_000 && left.Length < labels.Length - 500);
        Assert.Equal(Total(whole), Total(crashed));
        Assert.Equal(whole.Stage.Snapshot().OpenPredictions, crashed.Stage.Snapshot().OpenPredictions);
        Assert.Equal(Judged(whole), Judged(crashed));
    }

    [Fact]
    public void Where_only_the_labels_have_an_offset_their_replay_is_one()
    {
        var (predictions, labels) = LabelledLog.Of(6_000, 7, 4_000);
        var whole = new PairStore(Quick, predictions, labels, 1).Run(0, 0.1, 0);
        var crashed = new PairStore(Quick, predictions, labels, 1).RunTo(3_000).CrashWithoutPredictions().GoOn();

        Assert.True(crashed.Replayed > 500);
        Assert.Equal(Total(whole), Total(crashed));
        Assert.Equal(whole.Stage.Snapshot().OpenPredictions, crashed.Stage.Snapshot().OpenPredictions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000)]
    public void A_labels_topic_that_is_made_anew_goes_on_with_the_predictions_that_are_open(long first)
    {
        var (predictions, labels) = LabelledLog.Of(6_000, 8, 4_000);
        var whole = new PairStore(Quick, predictions, labels, 1).Run(0, 0.1, 0);
        var crashed = new PairStore(Quick, predictions, labels, 1).RunTo(3_000);
        var left = labels.Where(label => label.Offset >= crashed.Committed.Labels).ToArray();
        LogRecord[] anew = [.. left.Select((label, i) => label with { Offset = first + i })];
        crashed.CrashTo(anew, Guid.NewGuid()).GoOn(crash: 0.02);

        Assert.True(crashed.Crashes > 3);
        Assert.Equal(Total(whole), Total(crashed));
        Assert.Equal(whole.Stage.Snapshot().OpenPredictions, crashed.Stage.Snapshot().OpenPredictions);
        Assert.DoesNotContain(crashed.State.Values, static record => StateKey.Decode(record.Key).Kind == StateKind.Order);
        Assert.All(Spans(crashed), static pair => Assert.True(pair.First.ToOffset <= pair.Second.FromOffset, $"{pair.First} is written again in {pair.Second}"));
    }

    private static LabelCounts Total(PairStore store)
    {
        var journal = store.State.Values.Where(record => StateKey.Decode(record.Key).Kind == StateKind.Join);
        var join = new LabelJoin(Quick.LabelHorizons, 1_000_000);
        var reader = new JoinJournal(new MonitoredPartition("", 0, Guid.Empty), join);
        foreach (var record in journal)
        {
            reader.Load(record.Value);
        }

        reader.Begin(new LogOffsets(long.MaxValue / 2, long.MaxValue / 2), PairStore.LabelsId);
        return reader.Counted;
    }

    /// <summary>Labels and errors of each model version.</summary>
    private static IEnumerable<string> Judged(PairStore store) => store.State.Values
        .Select(record => (Key: StateKey.Decode(record.Key), record.Value)).Where(static piece => piece.Key.Kind == StateKind.Monitor)
        .Select(static piece => (piece.Key, Summary: StateSummary.Read(piece.Value)))
        .Select(static piece => $"{piece.Key.Model} {piece.Key.Version}: {piece.Summary.Labels} labels, {piece.Summary.Errors} errors").Order(StringComparer.Ordinal);

    /// <summary>Neighbouring panes of each model version: which predictions they are of.</summary>
    private static IEnumerable<(OffsetSpan First, OffsetSpan Second)> Spans(PairStore store) => store.Written
        .Where(static record => record.Topic == OutputTopic.Panes).Select(static record => PaneCodec.Decode(record.Value))
        .GroupBy(static pane => (pane.Model, pane.Version), static pane => pane.Spans[0])
        .SelectMany(static spans => spans.Zip(spans.Skip(1)));

    private static IEnumerable<string> Monitors(PairStore store) => store.State.Values
        .Where(record => StateKey.Decode(record.Key).Kind is StateKind.Monitor or StateKind.Cursor).Select(StateStore.Line).Order(StringComparer.Ordinal);
}
