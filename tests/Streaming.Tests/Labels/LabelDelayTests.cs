using System.Text;
using System.Text.Json;
using Streaming.Host;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

public class LabelDelayTests(ITestOutputHelper print)
{
    private const int Partitions = 3;
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(4);

    private static readonly MonitoringOptions Options = new()
    {
        LearnFor = TimeSpan.Zero,
        TriggerMaxAge = null,
        LabelHorizons = new LabelHorizons { Default = Horizon },
    };

    /// <remarks>
    /// A label comes up to nine tenths of the horizon after its event. Once so much time has passed since the change all labels are of events after
    /// it, so that no more of them are needed than with labels inside the events, but for the round that they fall in: two panes of 256 labels, of
    /// which each partition has 1,000 a second.
    /// </remarks>
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_change_is_found_later_by_no_more_than_the_longest_delay_of_a_label_and_a_round(ulong seed)
    {
        var (longest, round) = (0.9 * Horizon, TimeSpan.FromSeconds(0.6));
        var scenario = new Scenario { Kind = ScenarioKind.Credit, Seed = seed, Events = 60_000, Partitions = Partitions, Shift = 0.2 };
        var change = EventGenerator.Start + (long)(scenario.Milliseconds / 2);

        var soon = Assert.Single(Run(scenario, TimeSpan.Zero, out _));
        var late = Assert.Single(Run(scenario, longest, out var joined));

        print.WriteLine($"labels up to {longest.TotalSeconds:0.0} s late: found {(late - change) / 1_000.0:0.00} s after the change, {(late - soon) / 1_000.0:0.00} s later than at once");
        Assert.Equal(scenario.Events, joined);
        Assert.InRange(late - soon, 0, (longest + round).TotalMilliseconds);
    }

    private static List<long> Run(Scenario scenario, TimeSpan longest, out long joined)
    {
        var triggers = new List<long>();
        var pipeline = new Pipeline(Options, "predictions", scenario.Partitions, output =>
        {
            if (output.Topic == OutputTopic.Triggers)
            {
                using var json = JsonDocument.Parse(output.Value!);
                triggers.Add(json.RootElement.GetProperty("data").GetProperty("detectedAt").GetDateTimeOffset().ToUnixTimeMilliseconds());
            }
        }, labels: longest > TimeSpan.Zero);
        var (random, later) = (new SplitMix(7), new PriorityQueue<(int Partition, byte[] Value), (long, long)>());
        foreach (var one in new EventGenerator(scenario).Events())
        {
            if (longest == TimeSpan.Zero)
            {
                pipeline.Process(one.Partition, one.Time, one.Value, one.Key);
                continue;
            }

            while (later.TryPeek(out _, out var due) && due.Item1 < one.Time)
            {
                var label = later.Dequeue();
                pipeline.ProcessLabel(label.Partition, due.Item1, label.Value);
            }

            var text = Encoding.UTF8.GetString(one.Value);
            var at = text.IndexOf(",\"label\":", StringComparison.Ordinal);
            var time = one.Time + (long)(random.Next() * longest.TotalMilliseconds);
            later.Enqueue((one.Partition, Encoding.UTF8.GetBytes($"{{\"id\":\"{Encoding.UTF8.GetString(one.Key)}\",\"label\":{text[at + 9]},\"time\":{time}}}")), (time, one.Index));
            pipeline.Process(one.Partition, one.Time, Encoding.UTF8.GetBytes(text.Remove(at, 10)), one.Key);
        }

        while (later.TryDequeue(out var label, out var due))
        {
            pipeline.ProcessLabel(label.Partition, due.Item1, label.Value);
        }

        pipeline.Complete();
        joined = pipeline.Snapshot().Labels.Joined;
        return triggers;
    }
}
