using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streaming.Host;
using Streaming.IntegrationTests;
using Streaming.Kafka;

namespace Streaming.Benchmarks;

/// <summary>Events per second through a real Kafka: the bare consume loop, the stages without exactly-once and driftd in turns, and where driftd's time goes.</summary>
internal static class PipelineCommand
{
    private const string Topic = "predictions";

    public static int Run(string[] words)
    {
        if (Usage.Options(words, "--events", "--features", "--partitions", "--rounds") is not { } options)
        {
            return Usage.Print();
        }

        if (LocalKafka.Missing() is { } missing)
        {
            Console.Error.WriteLine("error: the benchmark " + missing);
            return 1;
        }

        var (events, rounds) = (options.Number("--events", 1_000_000), options.Number("--rounds", 5));
        var (features, partitions) = (options.Number("--features", 8), options.Number("--partitions", 4));
        using var kafka = LocalKafka.Start(new LocalKafkaOptions { Java = ["-Xmx1g"] }).GetAwaiter().GetResult();
        Publishing.Fill(kafka.BootstrapServers, Topic, partitions, Events(events, features, partitions));

        var (servers, bare, plain, whole) = (kafka.BootstrapServers, new List<Figure>(), new List<Figure>(), new List<Figure>());
        for (var round = 0; round <= rounds; round++)
        {
            Note($"round {round} of {rounds}");
            var figures = (Bare: ConsumeRun.Bare(servers, Topic, events, round), Plain: ConsumeRun.Plain(servers, Topic, events, round),
                Whole: ConsumeRun.Driftd(servers, Topic, events, round));

            // the first round warms up broker, page cache and compiled code
            if (round > 0)
            {
                bare.Add(figures.Bare);
                plain.Add(figures.Plain);
                whole.Add(figures.Whole);
            }
        }

        var stages = StageTimes.Of(servers, Topic, Math.Min(events, 500_000));
        Results.Write("pipeline", words, Report(events, features, partitions, bare, plain, whole, stages), save: true);
        return 0;
    }

    private static IEnumerable<(int Partition, Message<byte[], byte[]> Message)> Events(int events, int features, int partitions)
    {
        var random = new SplitMix64(1);
        for (var i = 0; i < events; i++)
        {
            yield return (i % partitions, new() { Key = Encoding.UTF8.GetBytes($"{i:x8}"), Value = Event(random, i, features) });
        }
    }

    /// <summary>One event of numeric features with a label.</summary>
    public static byte[] Event(SplitMix64 random, int i, int features)
    {
        var text = new StringBuilder(256);
        text.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"{i:x8}\",\"model\":\"fraud\",\"version\":\"2026-11-01\",\"time\":{1_795_000_000_000 + i},\"features\":{{");
        for (var feature = 0; feature < features; feature++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(feature > 0 ? "," : "")}\"f{feature}\":{0.5 + (0.1 * random.Normal()):0.0000}");
        }

        var score = Math.Round(random.Uniform(), 3);
        var label = (score >= 0.5) ^ (random.Uniform() < 0.1) ? 1 : 0;
        text.Append(CultureInfo.InvariantCulture, $"}},\"prediction\":{score:0.000},\"label\":{label}}}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Report(int events, int features, int partitions, List<Figure> bare, List<Figure> plain, List<Figure> whole, StageTimes stages)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{events:N0} events of {features} features and a label, {stages.Bytes:0} bytes each, {partitions} partitions; the three in turns, "
            + $"{bare.Count} rounds after one to warm up; broker and driftd on the same machine.\n\n");
        text.Append("| | events/s median | least | most | events per CPU second |\n|---|--:|--:|--:|--:|\n");
        Row(text, "bare Confluent.Kafka consume loop, counts only", bare);
        Row(text, "both stages, idempotent producer, offsets committed apart, no state", plain);
        Row(text, "driftd, both stages, transactions and state", whole);
        Ratio(text, "driftd / bare", bare, whole);
        Ratio(text, "Exactly-once, driftd / the same stages without transactions and state", plain, whole);

        // the bare loop waits for the broker, so its processor time is compared, not its elapsed time
        var (total, consume) = (1e9 / MedianCpu(whole), 1e9 / MedianCpu(bare));
        var rest = total - consume - stages.Decode - stages.Observe - stages.Decide;
        text.Append("\nWhere the processor time goes, all threads, ns per event:\n\n| stage | ns |\n|---|--:|\n");
        text.Append(CultureInfo.InvariantCulture, $"| consume (the bare loop, with librdkafka's threads) | {consume:0} |\n| decode | {stages.Decode:0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| observe (columns, u-values, moments, histograms, per-event ADWIN) | {stages.Observe:0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| DECIDE, {stages.PaneMicroseconds:0.0} µs a pane | {stages.Decide:0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| queues, panes and state written, metrics, transactions | {rest:0} |\n| **driftd** | **{total:0}** |\n");
        return text.ToString();
    }

    private static void Ratio(StringBuilder text, string what, List<Figure> of, List<Figure> to)
    {
        var (ratio, cpu) = (Sorted(static figure => figure.PerSecond), Sorted(static figure => figure.PerCpuSecond));
        text.Append(CultureInfo.InvariantCulture,
            $"\n{what}: median {ratio[ratio.Count / 2]:0.00} ({ratio[0]:0.00} to {ratio[^1]:0.00}) of the events per second, {cpu[cpu.Count / 2]:0.00} of those per CPU second.\n");

        List<double> Sorted(Func<Figure, double> value) => [.. of.Zip(to, (a, b) => value(b) / value(a)).Order()];
    }

    private static void Row(StringBuilder text, string what, List<Figure> figures)
    {
        text.Append(CultureInfo.InvariantCulture,
            $"| {what} | {Median(figures):N0} | {figures.Min(static f => f.PerSecond):N0} | {figures.Max(static f => f.PerSecond):N0} | {MedianCpu(figures):N0} |\n");
    }

    private static double Median(List<Figure> figures) => figures.Select(static figure => figure.PerSecond).Order().ElementAt(figures.Count / 2);

    private static double MedianCpu(List<Figure> figures) => figures.Select(static figure => figure.PerCpuSecond).Order().ElementAt(figures.Count / 2);

    private static void Note(string text) => Console.Error.WriteLine(text);
}
