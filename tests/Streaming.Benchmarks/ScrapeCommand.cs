using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary><c>scrape</c>: what it costs to write the metrics of many models.</summary>
internal static class ScrapeCommand
{
    private const int Rounds = 9;

    private static readonly string[] Detectors = ["adwin", "psi", "ks"];

    public static int Run(string[] words)
    {
        if (Usage.Options(words, "--models", "--features", "--effect", "--every") is not { } options)
        {
            return Usage.Print();
        }

        var (models, features) = (options.Number("--models", 1_000), options.Number("--features", 50));
        if (options.Number("--effect", 0) is var pairs and > 0)
        {
            using var effect = new ScrapeEffect(Snapshot(models, features));
            Results.Write("scrape", words, effect.Run(pairs, options.Number("--every", 1)), save: false);
            return 0;
        }

        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"""
            {models} models of {features} numeric features, 3 detectors each: {models * features * Detectors.Length} pairs of stream and detector.
            Median of {Rounds} scrapes after two to warm up; the text is written into a buffer that is used again. Processor time is all of the process, collections included.

            | series a family | format | time, ms | processor time, ms | bytes | lines | allocated, bytes | left out |
            |--:|---|--:|--:|--:|--:|--:|--:|

            """));
        foreach (var limit in (int[])[PrometheusText.DefaultMaxSeries, models * features * Detectors.Length * 2])
        {
            foreach (var openMetrics in (bool[])[false, true])
            {
                text.AppendLine(Measure(limit, openMetrics, Snapshot(models, features)));
            }
        }

        Results.Write("scrape", words, text.ToString(), save: words.Length == 0);
        return 0;
    }

    private static string Measure(int limit, bool openMetrics, StageSnapshot snapshot)
    {
        using var telemetry = new Telemetry();
        telemetry.Publish(StageRole.Decide, new WorkerSnapshot { Stage = snapshot });
        using var prometheus = new PrometheusText([telemetry.Meter], limit);
        var buffer = new ArrayBufferWriter<byte>();
        var (times, processor, allocated) = (new List<double>(), new List<double>(), 0L);
        for (var round = -2; round < Rounds; round++)
        {
            buffer.ResetWrittenCount();
            var (before, begin, used) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            prometheus.Write(buffer, openMetrics);
            if (round >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
                allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            }
        }

        var lines = Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var left = lines.Where(static line => line.StartsWith("driftd_series_dropped_total{", StringComparison.Ordinal))
            .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)) / (Rounds + 2);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {limit} | {(openMetrics ? "OpenMetrics" : "text")} | {times.Order().ElementAt(Rounds / 2):0} | {processor.Order().ElementAt(Rounds / 2):0} | {buffer.WrittenCount} | {lines.Length} | {allocated} | {left:0} |");
    }

    private static StageSnapshot Snapshot(int models, int features) => new()
    {
        Versions = [.. Enumerable.Range(0, models).Select(model => Version($"model-{model}", features))],
        Policies = [.. Enumerable.Range(0, models).Select(static model => new ModelStanding($"model-{model}", TimeSpan.FromMinutes(1), 1))],
    };

    private static VersionStanding Version(string model, int features)
    {
        var streams = Enumerable.Range(0, features).Select(static feature => $"feature:f{feature}").ToList();
        return new VersionStanding(
            model, "1", 1, 2,
            [.. streams.SelectMany(stream => Detectors.Select((detector, i) => new StreamStanding(
                model, "1", stream, detector, DriftLevel.Stable, 0.51234567 + i, 0.0123456789, 0.2, 2_048) { Before = 0.5, Reason = LevelReason.Below }))],
            [.. streams.Select(static stream => new StreamFigures(stream, 17.25, 16.5, 0.01, null, 0.002))], 0);
    }
}
