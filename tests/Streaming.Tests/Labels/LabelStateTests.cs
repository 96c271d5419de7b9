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

    private static IEnumerable<string> Monitors(PairStore store) => store.State.Values
        .Where(record => StateKey.Decode(record.Key).Kind is StateKind.Monitor or StateKind.Cursor).Select(StateStore.Line).Order(StringComparer.Ordinal);
}
