using System.Diagnostics.Metrics;
using Streaming.Host;
using static Streaming.Tests.Scrape;

namespace Streaming.Tests.Web;

public sealed class HistogramFamilyTests : IDisposable
{
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Buckets_add_up_and_the_last_one_holds_all()
    {
        var histogram = Timings();
        using var text = new PrometheusText([_meter]);
        foreach (var value in (double[])[0.00001, 0.005, 0.5, 0.7, 3])
        {
            histogram.Record(value, new KeyValuePair<string, object?>("stage", "detect"));
        }

        Assert.Equal(
            """
            # HELP app_took_seconds Time.
            # TYPE app_took_seconds histogram
            app_took_seconds_bucket{stage="detect",le="1e-05"} 1
            app_took_seconds_bucket{stage="detect",le="0.5"} 3
            app_took_seconds_bucket{stage="detect",le="1"} 4
            app_took_seconds_bucket{stage="detect",le="+Inf"} 5
            app_took_seconds_sum{stage="detect"} 4.20501
            app_took_seconds_count{stage="detect"} 5

            """,
            Text(text));
    }

    [Fact]
    public async Task A_histogram_loses_nothing_when_several_threads_record_while_it_is_read()
    {
        const int threads = 4, each = 20_000;
        var histogram = Timings();
        using var text = new PrometheusText([_meter]);
        using var start = new Barrier(threads + 1);
        var recording = Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var i = 0; i < each; i++)
                {
                    histogram.Record(0.25, new KeyValuePair<string, object?>("stage", thread % 2));
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        start.SignalAndWait();
        while (!recording.All(task => task.IsCompleted))
        {
            var lines = Text(text).Split('\n');
            var buckets = Values(lines, "+Inf");
            Assert.Equal(buckets, Values(lines, "_count"));
        }

        await Task.WhenAll(recording);
        var counts = Values(Text(text).Split('\n'), "_count");
        Assert.Equal(["40000", "40000"], counts);
    }

    [Fact]
    public void A_recorded_value_costs_no_memory()
    {
        var histogram = Timings();
        using var text = new PrometheusText([_meter]);
        var tag = new KeyValuePair<string, object?>("stage", "detect");
        histogram.Record(0.1, tag);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            histogram.Record(0.1, tag);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_full_histogram_counts_the_values_it_did_not_record()
    {
        var histogram = Timings();
        using var text = new PrometheusText([_meter], maxSeries: 1);
        histogram.Record(0.1, new KeyValuePair<string, object?>("stage", "a"));
        histogram.Record(0.1, new KeyValuePair<string, object?>("stage", "b"));
        histogram.Record(0.1, new KeyValuePair<string, object?>("stage", "b"));

        Assert.Contains("driftd_series_dropped_total{family=\"app_took_seconds\"} 2", Lines(text));
    }

    private static string[] Values(string[] lines, string part) =>
        [.. lines.Where(line => line.StartsWith("app_took", StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1])];

    private Histogram<double> Timings() => _meter.CreateHistogram(
        "app.took", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.5, 1] });
}
