using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Host;
using Streaming.IntegrationTests;
using Streaming.Kafka;

namespace Streaming.Benchmarks;

/// <summary>Events per second through a real Kafka: the bare consume loop and driftd in turns, and where driftd's time goes.</summary>
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
        Fill(kafka.BootstrapServers, events, features, partitions);

        var (bare, whole) = (new List<Figure>(), new List<Figure>());
        for (var round = 0; round <= rounds; round++)
        {
            Note($"round {round} of {rounds}");
            var figures = (Bare: ConsumeRun.Bare(kafka.BootstrapServers, Topic, events, round), Whole: ConsumeRun.Driftd(kafka.BootstrapServers, Topic, events, round));

            // the first round warms up broker, page cache and compiled code
            if (round > 0)
            {
                bare.Add(figures.Bare);
                whole.Add(figures.Whole);
            }
        }

        var stages = StageTimes.Of(kafka.BootstrapServers, Topic, Math.Min(events, 500_000));
        Results.Write("pipeline", words, Report(events, features, partitions, bare, whole, stages), save: true);
        return 0;
    }

    private static void Fill(string servers, int events, int features, int partitions)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = partitions, ReplicationFactor = 1 }]).GetAwaiter().GetResult();
        }

        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = servers,
            LingerMs = 50,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxMessages = 500_000,
            Acks = Acks.All,
        }).Build();
        var random = new SplitMix64(1);
        for (var i = 0; i < events; i++)
        {
            var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes($"{i:x8}"), Value = Event(random, i, features) };
            while (true)
            {
                try
                {
                    producer.Produce(new TopicPartition(Topic, i % partitions), message);
                    break;
                }
                catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(50));
                }
            }

            if ((i + 1) % 250_000 == 0)
            {
                Note($"{i + 1:N0} events published");
            }
        }

        producer.Flush();
    }

    private static byte[] Event(SplitMix64 random, int i, int features)
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

    private static string Report(int events, int features, int partitions, List<Figure> bare, List<Figure> whole, StageTimes stages)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{events:N0} events of {features} features and a label, {stages.Bytes:0} bytes each, {partitions} partitions; bare loop and driftd in turns, "
            + $"{bare.Count} rounds after one to warm up; broker and driftd on the same machine.\n\n");
        text.Append("| | events/s median | least | most | events per CPU second |\n|---|--:|--:|--:|--:|\n");
        Row(text, "bare Confluent.Kafka consume loop, counts only", bare);
        Row(text, "driftd, both stages, transactions and state", whole);
        var ratio = bare.Zip(whole, static (a, b) => b.PerSecond / a.PerSecond).Order().ToList();
        text.Append(CultureInfo.InvariantCulture, $"\ndriftd / bare: median {ratio[ratio.Count / 2]:0.00}, {ratio[0]:0.00} to {ratio[^1]:0.00}.\n\n");

        // the bare loop waits for the broker, so its processor time is compared, not its elapsed time
        var (total, consume) = (1e9 / MedianCpu(whole), 1e9 / MedianCpu(bare));
        var rest = total - consume - stages.Decode - stages.Observe - stages.Decide;
        text.Append("Where the processor time goes, all threads, ns per event:\n\n| stage | ns |\n|---|--:|\n");
        text.Append(CultureInfo.InvariantCulture, $"| consume (the bare loop, with librdkafka's threads) | {consume:0} |\n| decode | {stages.Decode:0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| observe (columns, u-values, moments, histograms, per-event ADWIN) | {stages.Observe:0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| DECIDE, {stages.PaneMicroseconds:0.0} µs a pane | {stages.Decide:0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| queues, panes and state written, metrics, transactions | {rest:0} |\n| **driftd** | **{total:0}** |\n");
        return text.ToString();
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
