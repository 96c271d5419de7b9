using Confluent.Kafka;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>Writes the events of a scenario to the embedded broker, never further ahead than what it keeps.</summary>
/// <remarks>
/// What waits is counted over all partitions, and panes that DECIDE has not read yet count too: the broker evicts the oldest records of a partition
/// beyond <see cref="EmbeddedBroker.PartitionBytes"/>, read or not.
/// </remarks>
internal sealed class DemoPublisher(Scenario scenario, string bootstrapServers, string topic, DemoCounts counts, bool verbose)
{
    private const long MostBytesAhead = 2L << 20;
    private const long MostPanesAhead = 256;

    // key, timestamps and lengths of a record
    private const int RecordOverhead = 70;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly long[] _published = new long[scenario.Partitions];
    private readonly long[] _firstChanged = new long[scenario.Partitions];
    private long _total;
    private long _bytes;
    private Error? _failure;

    /// <summary>Events written so far.</summary>
    public long Published => Volatile.Read(ref _total);

    /// <summary>Offset of the first changed event of each partition; known once <see cref="Published"/> is past the change.</summary>
    public IReadOnlyList<long> FirstChanged => _firstChanged;

    /// <summary>Writes all events.</summary>
    /// <exception cref="IOException">The broker did not take one.</exception>
    public void Run(CancellationToken stop)
    {
        var config = new ProducerConfig { BootstrapServers = bootstrapServers, LingerMs = 5, Acks = Acks.Leader, CompressionType = CompressionType.None };
        var builder = new ProducerBuilder<byte[], byte[]>(config).SetErrorHandler((_, error) => _failure ??= error.IsFatal ? error : null);
        using var producer = (verbose ? builder : builder.SetLogHandler(static (_, _) => { })).Build();
        foreach (var generated in new EventGenerator(scenario).Events())
        {
            if (generated.Index == scenario.FirstChanged)
            {
                _published.CopyTo(_firstChanged, 0);
            }

            WaitForRoom(stop);
            if (stop.IsCancellationRequested || _failure is not null)
            {
                break;
            }

            Produce(producer, generated);
        }

        while (!stop.IsCancellationRequested && producer.Flush(Look) > 0)
        {
            // what is under way is waited for in steps, so that a stop is heard
        }

        if (_failure is not null)
        {
            throw new IOException($"the embedded broker does not take events: {_failure.Reason}");
        }
    }

    private void Produce(IProducer<byte[], byte[]> producer, GeneratedEvent generated)
    {
        producer.Produce(
            new TopicPartition(topic, generated.Partition),
            new Message<byte[], byte[]> { Key = generated.Key, Value = generated.Value, Timestamp = new Timestamp(generated.Time, TimestampType.CreateTime) },
            report => _failure ??= report.Error.IsError ? report.Error : null);
        _published[generated.Partition]++;
        _bytes += generated.Key.Length + generated.Value.Length + RecordOverhead;
        Volatile.Write(ref _total, _total + 1);
    }

    private void WaitForRoom(CancellationToken stop)
    {
        while ((_total - counts.Events) * (_bytes / Math.Max(1, _total)) > MostBytesAhead || counts.PanesAhead > MostPanesAhead)
        {
            if (_failure is not null || stop.WaitHandle.WaitOne(Look))
            {
                return;
            }
        }
    }
}
