using FsCheck.Xunit;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class MergeOrderTests
{
    private static readonly StateKey Key = new(Guid.Empty, 0, StateKind.Order, "", "", 0);

    [Property(MaxTest = 500)]
    public void However_records_arrive_they_are_taken_by_their_largest_timestamp_so_far_predictions_first(byte[] predictions, byte[] labels, int seed)
    {
        LogRecord[][] logs = [Log(predictions), Log(labels)];
        var expected = logs.SelectMany((log, side) => log.Select((record, i) => (Key: log.Take(i + 1).Max(other => other.Timestamp), side, i)))
            .OrderBy(one => one.Key).ThenBy(one => one.side).ThenBy(one => one.i).Select(one => (one.side, one.i));

        var (order, taken) = (new MergeOrder(default), new List<(int, int)>());
        var (next, arrived, random) = (new int[2], new int[2], new SplitMix(seed));
        while (next[0] < logs[0].Length || next[1] < logs[1].Length)
        {
            var arriving = random.Next() < 0.5 ? 0 : 1;
            arrived[arriving] = Math.Min(logs[arriving].Length, arrived[arriving] + 1 + (int)(random.Next() * 9));
            while (order.Next(Head(0), Head(1), 4) is { } one)
            {
                var side = (int)one.Side;
                taken.AddRange(Enumerable.Range(next[side], one.Count).Select(i => (side, i)));
                order.Take(one.Side, logs[side].AsSpan(next[side], one.Count));
                next[side] += one.Count;
            }
        }

        Assert.Equal(expected, taken);
        Assert.Equal(0, order.Unordered);

        InputHead Head(int side) => new(logs[side].AsSpan(next[side], arrived[side] - next[side]), arrived[side] == logs[side].Length);
    }

    [Fact]
    public void One_input_is_waited_for_until_it_is_at_its_end_or_silent()
    {
        var order = new MergeOrder(default);
        LogRecord[] one = [new(0, 10, null, null)];

        Assert.Null(order.Next(new InputHead(one, false), new InputHead([], false), 9));
        Assert.Null(order.Next(new InputHead([], false), new InputHead(one, false), 9));
        Assert.Equal((InputSide.Predictions, 1), order.Next(new InputHead(one, false), new InputHead([], atEnd: true), 9));
        Assert.Equal((InputSide.Labels, 1), order.Next(new InputHead([], false, isSilent: true), new InputHead(one, false), 9));
    }

    [Fact]
    public void What_is_recorded_of_an_input_that_begins_anew_is_no_order_of_its_records()
    {
        var (before, saved) = (new MergeOrder(default), new List<OutputRecord>());
        before.Take(InputSide.Predictions, [new(0, 10, null, null), new(1, 11, null, null)]);
        before.Take(InputSide.Labels, [new(0, 11, null, null)]);
        before.Taken.Save(Key, Guid.Empty, 0, saved);

        // the group knows the offset of the labels alone: predictions are read from their first on, and all of them are new
        var order = new MergeOrder(default);
        order.Taken.Load(saved[0].Value, Guid.Empty);
        order.BeginReplay(new LogOffsets(0, 1));
        LogRecord[] predictions = [new(0, 10, null, null)];

        Assert.Null(order.Next(new InputHead(predictions, false), new InputHead([], false), 9));
        Assert.Equal((InputSide.Labels, 1), order.Next(new InputHead(predictions, false), new InputHead([new(0, 11, null, null)], false), 9));
        Assert.Equal((InputSide.Predictions, 1), order.Next(new InputHead(predictions, false), new InputHead([], atEnd: true), 9));
    }

    [Fact]
    public void An_order_of_a_former_labels_topic_is_forgotten_with_the_next_save()
    {
        var (before, saved) = (new MergeOrder(default), new List<OutputRecord>());
        before.Take(InputSide.Predictions, [new(0, 10, null, null)]);
        before.Taken.Save(Key, Guid.NewGuid(), 0, saved);

        var (order, output) = (new TakenOrder(default), new List<OutputRecord>());
        order.Load(saved[0].Value, Guid.Empty);
        order.Save(Key, Guid.Empty, 0, output);

        var tombstone = Assert.Single(output);
        Assert.Equal((Convert.ToHexString(saved[0].Key!), true), (Convert.ToHexString(tombstone.Key!), tombstone.Value is null));
        Assert.Empty(order.Recorded());
    }

    [Fact]
    public void Records_taken_after_one_that_the_rule_puts_later_are_counted()
    {
        var order = new MergeOrder(default);
        order.Take(InputSide.Predictions, [new(0, 10, null, null)]);
        order.Take(InputSide.Labels, [new(0, 10, null, null)]);
        Assert.Equal(0, order.Unordered);

        order.Take(InputSide.Predictions, [new(1, 10, null, null), new(2, 11, null, null)]);
        order.Take(InputSide.Labels, [new(1, 10, null, null)]);
        Assert.Equal(2, order.Unordered);
    }

    [Fact]
    public void The_order_is_written_as_run_lengths_and_forgotten_when_no_replay_needs_it()
    {
        var (order, output) = (new TakenOrder(new LogOffsets(100, 20)), new List<OutputRecord>());
        order.Take(InputSide.Predictions, 612, isRecorded: false);
        order.Take(InputSide.Labels, 23, isRecorded: false);
        order.Take(InputSide.Predictions, 700, isRecorded: false);
        order.Save(Key, Guid.Empty, 0, output);

        var written = Assert.Single(output);
        Assert.Equal("100/20", StateKey.Decode(written.Key).Version);
        Assert.EndsWith("p512 l3 p88", System.Text.Encoding.UTF8.GetString(written.Value!), StringComparison.Ordinal);
        Assert.Equal(new LogOffsets(612, 21), order.Find(633));
        Assert.Equal(new LogOffsets(650, 23), order.Find(673));

        var read = new TakenOrder(new LogOffsets(612, 21));
        read.Load(written.Value, Guid.Empty);
        Assert.Equal([(InputSide.Predictions, 612L), (InputSide.Labels, 23), (InputSide.Predictions, 700)], read.Recorded());
        order.Save(Key, Guid.Empty, 723, output);
        Assert.Equal(written.Key, output[1].Key);
        Assert.Null(output[1].Value);
    }

    [Fact]
    public void A_replay_follows_what_was_recorded_and_then_the_rule()
    {
        var (first, output) = (new MergeOrder(default), new List<OutputRecord>());
        LogRecord[] predictions = [new(0, 10, null, null), new(4, 20, null, null), new(5, 30, null, null)];
        LogRecord[] labels = [new(0, 15, null, null), new(1, 35, null, null)];
        first.Take(InputSide.Labels, labels.AsSpan(0, 1));
        first.Take(InputSide.Predictions, predictions.AsSpan(0, 2));
        first.Taken.Save(Key, Guid.Empty, 0, output);

        var again = new MergeOrder(default);
        again.Taken.Load(output[0].Value, Guid.Empty);
        again.BeginReplay(first.At);
        Assert.Null(again.Next(new InputHead(predictions, true), new InputHead([], false), 9));
        Assert.Equal((InputSide.Labels, 1), again.Next(new InputHead(predictions, true), new InputHead(labels, true), 9));
        again.Take(InputSide.Labels, labels.AsSpan(0, 1));
        Assert.Equal((InputSide.Predictions, 2), again.Next(new InputHead(predictions, true), new InputHead(labels.AsSpan(1), true), 9));
        again.Take(InputSide.Predictions, predictions.AsSpan(0, 2));
        Assert.Equal((InputSide.Predictions, 1), again.Next(new InputHead(predictions.AsSpan(2), true), new InputHead(labels.AsSpan(1), true), 9));
        Assert.Equal((0, first.At), (again.Unordered, again.At));
    }

    private static LogRecord[] Log(byte[] steps) => [.. steps.Select((step, i) => new LogRecord(i, (i * 3) + (step % 16), null, null))];
}
