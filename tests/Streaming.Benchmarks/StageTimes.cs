using Confluent.Kafka;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>Nanoseconds of processor time per event of each stage alone, in memory, over the very records of a topic: the least of several runs.</summary>
internal sealed record StageTimes(double Bytes, double Decode, double Observe, double Decide, double PaneMicroseconds)
{
    private const int Runs = 9;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(4);
    private const int Batch = 512;
    private const long FirstRecordTime = 1_795_000_000_000;

    public static StageTimes Of(string servers, string topic, int events) => Of(topic, Read(servers, topic, events));

    /// <summary>The same over records in memory.</summary>
    public static StageTimes Of(string topic, LogRecord[] records)
    {
        var events = records.Length;
        var options = new MonitoringOptions { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };
        var panes = new List<OutputRecord>();
        var decode = Least(() => RunDecode(records));
        var detect = Least(() => panes = RunDetect(options, topic, records));
        var log = panes.Where(static output => output.Topic == OutputTopic.Panes)
            .Select(static (output, i) => new LogRecord(i, FirstRecordTime + i, output.Key, output.Value)).ToArray();
        var decide = Least(() => RunDecide(options, log));
        return new StageTimes(
            records.Average(static record => record.Value!.Length), decode / events, (detect - decode) / events, decide / events, decide / log.Length / 1_000);
    }

    private static LogRecord[] Read(string servers, string topic, int events)
    {
        var configuration = KafkaProperties.Reader(new KafkaOptions { BootstrapServers = servers }, "stage-times");
        using var consumer = new ConsumerBuilder<byte[], byte[]>(configuration).SetLogHandler(static (_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var records = new List<LogRecord>(events);
        while (records.Count < events && consumer.Consume(TimeSpan.FromSeconds(10)) is { IsPartitionEOF: false } result)
        {
            records.Add(new LogRecord(result.Offset.Value, result.Message.Timestamp.UnixTimestampMs, result.Message.Key, result.Message.Value));
        }

        return [.. records];
    }

    private static void RunDecode(LogRecord[] records)
    {
        var (decoder, decoded) = (new EventDecoder(new EventMapping(), 256 * 1_024), new DecodedEvent());
        foreach (ref readonly var record in records.AsSpan())
        {
            if (decoder.Decode(record.Value, decoded) != RejectReason.None)
            {
                throw new InvalidOperationException("a good event was refused");
            }
        }
    }

    private static List<OutputRecord> RunDetect(MonitoringOptions options, string topic, LogRecord[] records)
    {
        var (stage, output) = (new DetectStage(options), new List<OutputRecord>());
        stage.Assign(topic, 0, Guid.Empty);
        for (var i = 0; i < records.Length; i += Batch)
        {
            stage.Process(topic, 0, records.AsSpan(i, Math.Min(Batch, records.Length - i)), output);
        }

        return output;
    }

    private static void RunDecide(MonitoringOptions options, LogRecord[] log)
    {
        var (stage, output) = (new DecideStage(options), new List<OutputRecord>());
        stage.Assign("panes", 0, Guid.Empty);
        stage.Process("panes", 0, log, output);
    }

    private static double Least(Action run)
    {
        // compiled code gets better for a while, and on a busy machine that takes its time
        var (least, since) = (double.MaxValue, Environment.CpuUsage.TotalTime);
        for (var i = 0; i < Runs || Environment.CpuUsage.TotalTime - since < LeastTime; i++)
        {
            var begin = Environment.CpuUsage.TotalTime;
            run();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - begin).TotalNanoseconds);
        }

        return least;
    }
}
