using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>Everything that runs per value or per event allocates nothing once it is warm. Runs alone, see <see cref="Allocations"/>.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public class AllocationTests(ITestOutputHelper output)
{
    private const int EventCount = 30_000;

    public static TheoryData<DetectorOptions> Detectors => DetectorContractTests.Every;

    [Fact]
    public void The_measurement_sees_a_single_object() => Assert.InRange(Allocations.Of(static () => GC.KeepAlive(new object())), 16, 64);

    [Theory]
    [MemberData(nameof(Detectors))]
    public void An_update_of_a_detector(DetectorOptions options)
    {
        var (detector, values, drifts) = (options.Create(), Values(), 0);

        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (var value in values)
            {
                drifts += detector.Update(value) == DriftLevel.Drift ? 1 : 0;
            }
        }));
        Assert.True(drifts > 0 || options is GmaOptions { Threshold: 1 }, "no drift, so only half of the detector ran");
    }

    [Theory]
    [InlineData("adwin")]
    [InlineData("page-hinkley")]
    public void An_update_of_an_element_detector(string name)
    {
        IElementDetector detector = name == "adwin" ? new ElementAdwin(new()) : new ElementPageHinkley(new());
        var (elements, drifts) = (Streams.Bernoulli(5, (40_000, 0.1), (40_000, 0.5)).Elements(64).ToArray(), 0);

        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (ref readonly var element in elements.AsSpan())
            {
                drifts += detector.Update(element) == DriftLevel.Drift ? 1 : 0;
            }
        }));
        Assert.True(drifts > 0, "no drift, so only half of the detector ran");
    }

    [Fact]
    public void Moments_histogram_and_u_values()
    {
        var (values, u, counts) = (Samples.Uniform(1_003, 1), new double[1_003], new long[NumericReference.Bins]);
        var reference = NumericReference.Build(Samples.Uniform(2_000, 2), 2_000);

        Assert.Equal(0, Allocations.Of(() =>
        {
            reference.U(values, u);
            Histogram.Add(u, counts);
            _ = Moments.Summary(u).Merge(Moments.Summary(values)).Add(Moments.Variance(u) + Moments.Sum(values));
            _ = Psi.OfCounts(reference.Shares, counts) + KolmogorovSmirnov.OfCounts(reference.Shares, counts).Statistic;
        }));
    }

    [Fact]
    public void A_sliding_window()
    {
        var (window, sum) = (new SlidingWindow(100), 0.0);

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                window.Add(i);
                sum += Moments.Sum(window.Values);
            }
        }));
        Assert.True(sum > 0);
    }

    [Fact]
    public void Counting_categories()
    {
        var counts = new CategoryCounts();

        Assert.Equal(0, Allocations.Of(() =>
        {
            counts.Clear();
            for (var i = 0ul; i < 5_000; i++)
            {
                counts.Add(i);
            }
        }));
        Assert.Equal(5_000, counts.Total);
    }

    /// <remarks>
    /// Eight numeric features, a category, a score and a label. Each event is measured by itself. A call that closes a pane makes the pane's bytes:
    /// those calls are counted and left out. What they allocate is printed.
    /// </remarks>
    [Fact]
    public void Decoding_and_observing_an_event_between_the_closings_of_panes()
    {
        var records = WideEvents();
        var (decoder, decoded) = (new EventDecoder(new EventMapping(), 65_536), new DecodedEvent());
        var monitor = new PartitionMonitor(new MonitoringOptions { LearnFor = TimeSpan.Zero }, new MonitoredPartition("predictions", 0, Guid.Empty), "m", "1");
        var written = new List<OutputRecord>(8 * (EventCount / 256));
        var (offset, between, closing, closings, refused) = (0L, 0L, 0L, 0, 0);

        Allocations.Of(() =>
        {
            (between, closing, closings) = (0, 0, 0);
            foreach (var record in records)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                refused += decoder.Decode(record, decoded) == RejectReason.None && monitor.Misfit(decoded, record) is null ? 0 : 1;
                var end = monitor.Observe(decoded, record, offset, new EventPlace(new(offset, 0), new(offset + 1, 0), offset, Replayed: false));
                if (end is { } closed)
                {
                    monitor.Close(closed, written);
                }

                var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                offset++;
                (between, closing, closings) = end is null ? (between + bytes, closing, closings) : (between, closing + bytes, closings + 1);
            }
        });

        Assert.Equal(0, refused);
        Assert.InRange(closings, EventCount / 256, (EventCount / 256) + 5);
        output.WriteLine($"{EventCount - closings} events: {between} bytes; closing a pane: {closing / closings} bytes");
        Assert.Equal(0, between);
    }

    [Fact]
    public void A_warm_stage_per_event_of_an_open_pane()
    {
        // all at one Kafka time, so that the pane stays open; both times together stay below the 65,536 events of the largest pane
        var records = Events.Credit(10_000, seed: 1, _ => 0.1, stepMilliseconds: 0);
        var (stage, written) = (new DetectStage(new MonitoringOptions { LearnFor = TimeSpan.Zero }), new List<OutputRecord>());
        stage.Assign(Events.Topic, 0, Guid.Empty);

        var passes = new Queue<LogRecord[]>([records, [.. records.Select(record => record with { Offset = record.Offset + records.Length })]]);

        Assert.Equal(0, Allocations.Of(() => stage.Process(Events.Topic, 0, passes.Dequeue(), written)));
        Assert.DoesNotContain(written, record => record.Topic == OutputTopic.DeadLetters);
        Assert.Equal(20_000, stage.Snapshot().Models.Single().Events);
    }

    private static double[] Values() => [.. Streams.Bernoulli(11, (2_500, 0.1), (5_000, 0.9), (2_000, 0.2))];

    private static byte[][] WideEvents()
    {
        var random = new SplitMix(3);
        var records = new byte[EventCount][];
        for (var i = 0; i < records.Length; i++)
        {
            var features = string.Join(',', Enumerable.Range(0, 8).Select(k => string.Create(CultureInfo.InvariantCulture, $"\"f{k}\":{random.Next() * (k + 1)}")));
            var score = random.Next();
            var label = random.Next() < 0.1 != score >= 0.5 ? 1 : 0;
            records[i] = Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"{{{i}}}","model":"m","version":"1","time":{{{i}}},"features":{{{{features}}},"country":"C{{{(int)(random.Next() * 30)}}}"},"prediction":{{{score}}},"label":{{{label}}}}"""));
        }

        return records;
    }
}
