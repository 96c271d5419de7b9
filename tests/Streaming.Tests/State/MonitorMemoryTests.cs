using System.Globalization;
using System.Text;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>What a stream takes in memory: the constants of the memory bound, measured.</summary>
[Collection(nameof(AllocationTests))]
public class MonitorMemoryTests(ITestOutputHelper output)
{
    private const int Models = 4;
    private const int Features = 50;
    private const int Rows = 8_000;
    private const int InputPartitions = 12;

    private static readonly MonitoringOptions Options = new() { LearnFor = TimeSpan.Zero };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stream_takes_no_more_than_the_bound_counts(bool categories)
    {
        var log = Log(categories);
        var panes = Enumerable.Range(0, InputPartitions).SelectMany(partition => Events.Detect(Options, log, 512, partition))
            .Where(record => record.Topic == OutputTopic.Panes).ToList();
        var panesLog = panes.Select((record, i) => new LogRecord(i, Events.Start + (i * 300L / InputPartitions), record.Key, record.Value)).ToArray();

        var detect = Most(() => new DetectStage(Options), Events.Topic, log);
        var decide = Most(() => new DecideStage(Options), "panes", panesLog);

        output.WriteLine($"bytes per stream, features of {(categories ? "text" : "numbers")}: detect {detect:0}, decide {decide:0} ({InputPartitions} input partitions)");
        Assert.InRange(detect, 1, categories ? MemoryBound.DetectTextBytes : MemoryBound.DetectStreamBytes);
        Assert.InRange(decide, 1, categories ? MemoryBound.DecideTextBytes : MemoryBound.DecideStreamBytes);
    }

    /// <summary>The most of three: pools that give memory back meanwhile make a measurement too small.</summary>
    private static double Most(Func<IStage> begin, string topic, LogRecord[] log) => Enumerable.Range(0, 3).Max(_ => BytesPerStream(begin(), topic, log));

    private static double BytesPerStream(IStage stage, string topic, LogRecord[] log)
    {
        var before = Heap.Bytes();
        stage.Assign(topic, 0, Guid.Empty);
        for (var i = 0; i < log.Length; i += 512)
        {
            stage.Process(topic, 0, log.AsSpan(i, Math.Min(512, log.Length - i)), []);
        }

        var grown = Heap.Bytes() - before;
        GC.KeepAlive(log);
        var streams = stage.Snapshot().StreamsHeld;
        Assert.InRange(streams, Models * Features, Models * (Features + 8));
        return (double)grown / streams;
    }

    private static LogRecord[] Log(bool categories)
    {
        var random = new SplitMix(11);
        var log = new LogRecord[Rows];
        for (var i = 0; i < log.Length; i++)
        {
            var features = string.Join(',', Enumerable.Range(0, Features).Select(feature => categories
                ? $"\"f{feature}\":\"category-{(int)(1_500 * random.Next())}\"" : string.Create(CultureInfo.InvariantCulture, $"\"f{feature}\":{random.Next():0.#####}")));
            var json = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"e{{{i}}}","model":"m{{{i % Models}}}","version":"1","time":{{{Events.Start + i}}},"features":{{{{features}}}},"prediction":{{{random.Next():0.####}}},"label":{{{i % 2}}},"latencyMs":5}""");
            log[i] = new LogRecord(i, Events.Start + i, null, Encoding.UTF8.GetBytes(json));
        }

        return log;
    }
}
