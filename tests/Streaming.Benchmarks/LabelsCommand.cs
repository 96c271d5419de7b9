using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Host;
using Streaming.IntegrationTests;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>What labels on a topic of their own cost: throughput against labels inside the events, in turns, and memory of open predictions.</summary>
internal static class LabelsCommand
{
    private const string Inside = "inside";
    private const string Predictions = "predictions";
    private const string Labels = "labels";

    public static int Run(string[] words)
    {
        if (Usage.Options(words, "--events", "--partitions", "--rounds", "--open") is not { } options)
        {
            return Usage.Print();
        }

        if (LocalKafka.Missing() is { } missing)
        {
            Console.Error.WriteLine("error: the benchmark " + missing);
            return 1;
        }

        var (events, rounds) = (options.Number("--events", 1_000_000), options.Number("--rounds", 3));
        var (partitions, open) = (options.Number("--partitions", 4), options.Number("--open", 10_000_000));
        var text = new StringBuilder(Memory(open));
        using var kafka = LocalKafka.Start(new LocalKafkaOptions { Java = ["-Xmx1g"] }).GetAwaiter().GetResult();
        Fill(kafka.BootstrapServers, events, partitions);
        var (inside, apart) = (new List<Figure>(), new List<Figure>());
        for (var round = 0; round <= rounds; round++)
        {
            Console.Error.WriteLine($"round {round} of {rounds}");
            var figures = (Inside: ConsumeRun.Driftd(kafka.BootstrapServers, Inside, events, round), Apart: ConsumeRun.Driftd(kafka.BootstrapServers, Predictions, events, round, Labels));

            // the first round warms up broker, page cache and compiled code
            if (round > 0)
            {
                inside.Add(figures.Inside);
                apart.Add(figures.Apart);
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{events:N0} events of 8 features, each with a label a second of event time later; {partitions} partitions, in turns, {rounds} rounds after one to warm up; "
            + $"broker and driftd on the same machine.\n\n| labels | events/s median | least | most | events per CPU second |\n|---|--:|--:|--:|--:|\n");
        Row(text, "inside the events", inside);
        Row(text, "on a topic of their own (twice as many records)", apart);
        Results.Write("labels", words, text.ToString(), save: true);
        return 0;
    }

    /// <summary>Keeps so many predictions open, then joins their labels.</summary>
    private static string Memory(int open)
    {
        Console.Error.WriteLine($"{open:N0} open predictions");
        var (before, resident) = (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
        var join = new LabelJoin(new LabelHorizons(), open);
        var (model, value, id) = (join.ModelOf("fraud", "1"), new byte[9], new byte[8]);
        value[0] = 5;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < open; i++)
        {
            BitConverter.TryWriteBytes(id, (long)i);
            BitConverter.TryWriteBytes(value.AsSpan(1), i / (double)open);
            join.TakePrediction(IdHash.Of(id), i, model, value, 0);
        }

        var (opened, bytes) = (watch.Elapsed, GC.GetTotalMemory(forceFullCollection: true) - before);
        resident = Environment.WorkingSet - resident;
        watch.Restart();
        for (var i = 0; i < open; i++)
        {
            BitConverter.TryWriteBytes(id, (long)i);
            join.TakeLabel(IdHash.Of(id), i, value);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{open:N0} open predictions of a score in one process: {(double)bytes / open:0.0} bytes each, {bytes >> 20} MiB (the process grew by {resident >> 20} MiB, room that a growing index leaves included); ");
        text.Append(CultureInfo.InvariantCulture, $"{open / opened.TotalSeconds:N0} predictions and {open / watch.Elapsed.TotalSeconds:N0} labels a second, {join.Counts.Joined:N0} joined.\n");
        return text.ToString();
    }

    private static void Fill(string servers, int events, int partitions)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            admin.CreateTopicsAsync(((string[])[Inside, Predictions, Labels]).Select(name => new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = 1 }))
                .GetAwaiter().GetResult();
        }

        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = servers,
            LingerMs = 50,
            CompressionType = CompressionType.Lz4,
            Acks = Acks.All,
        }).Build();
        var (random, begin) = (new SplitMix64(1), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var labels = new Queue<int>();
        for (var i = 0; i < events; i++)
        {
            var (head, label) = Event(random, i);
            Send(Inside, i, $"{head},\"label\":{label}}}", i);
            Send(Predictions, i, head + "}", i);
            labels.Enqueue(label);
            if (i >= 1_000)
            {
                SendLabel(i - 1_000, i);
            }
        }

        for (var i = Math.Max(0, events - 1_000); i < events; i++)
        {
            SendLabel(i, events);
        }

        producer.Flush();

        void SendLabel(int i, int at) => Send(Labels, i, $"{{\"id\":\"{i:x8}\",\"label\":{labels.Dequeue()},\"time\":{1_795_000_000_000 + at}}}", at);

        void Send(string topic, int i, string value, int at)
        {
            var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes($"{i:x8}"), Value = Encoding.UTF8.GetBytes(value), Timestamp = new Timestamp(begin + at, TimestampType.CreateTime) };
            while (true)
            {
                try
                {
                    producer.Produce(new TopicPartition(topic, i % partitions), message);
                    return;
                }
                catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(50));
                }
            }
        }
    }

    private static (string Head, int Label) Event(SplitMix64 random, int i)
    {
        var text = new StringBuilder(256);
        text.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"{i:x8}\",\"model\":\"fraud\",\"version\":\"2026-11-01\",\"time\":{1_795_000_000_000 + i},\"features\":{{");
        for (var feature = 0; feature < 8; feature++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(feature > 0 ? "," : "")}\"f{feature}\":{0.5 + (0.1 * random.Normal()):0.0000}");
        }

        var score = Math.Round(random.Uniform(), 3);
        text.Append(CultureInfo.InvariantCulture, $"}},\"prediction\":{score:0.000}");
        return (text.ToString(), (score >= 0.5) ^ (random.Uniform() < 0.1) ? 1 : 0);
    }

    private static void Row(StringBuilder text, string what, List<Figure> figures)
    {
        var ordered = figures.Select(static figure => figure.PerSecond).Order().ToList();
        var cpu = figures.Select(static figure => figure.PerCpuSecond).Order().ElementAt(figures.Count / 2);
        text.Append(CultureInfo.InvariantCulture, $"| {what} | {ordered[ordered.Count / 2]:N0} | {ordered[0]:N0} | {ordered[^1]:N0} | {cpu:N0} |\n");
    }
}
