using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>Reads partitions of a state topic from their beginning to where they ended when it began.</summary>
/// <remarks>
/// The end is the high watermark read uncommitted, the records are read committed: so what an owner that died left open is waited for, until the
/// broker has aborted it, and never taken for the end (KAFKA-10167).
/// </remarks>
internal sealed class StateReading(KafkaOptions options, string group, ILogger log, TimeProvider clock)
{
    private static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    /// <summary>Reads them all.</summary>
    /// <param name="partitions">Partitions of state topics.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="progress">Told the records read so far, several times a second.</param>
    /// <param name="damaged">Takes a record whose key cannot be read; without it such a record ends the reading.</param>
    /// <exception cref="OwnershipLostException">The deadline has passed.</exception>
    /// <exception cref="InvalidDataException">A key cannot be read.</exception>
    public Dictionary<TopicPartition, StateRecords> Read(
        IReadOnlyList<TopicPartition> partitions, TimeSpan deadline, Action<long> progress, Action<ConsumeResult<byte[], byte[]>, string>? damaged = null)
    {
        using var consumer = KafkaProperties.Built(options, () =>
            new ConsumerBuilder<byte[], byte[]>(KafkaProperties.Reader(options, group)).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build());
        var ends = Ends(consumer, partitions);
        var found = partitions.ToDictionary(static partition => partition, static _ => new StateRecords());
        var open = ends.Where(static end => end.Value > 0).Select(static end => end.Key).ToHashSet();
        if (open.Count == 0)
        {
            return found;
        }

        var unreadable = new Dictionary<(TopicPartition, string), (ConsumeResult<byte[], byte[]> Record, string Problem)>();
        consumer.Assign(open.Select(static partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        var (begin, said, records) = (clock.GetTimestamp(), clock.GetTimestamp(), 0L);
        while (open.Count > 0)
        {
            FaultPoints.Reach(FaultPoints.InRestore);
            var result = consumer.Consume(Slice);
            progress(records);
            if (clock.GetElapsedTime(begin) > deadline)
            {
                throw new OwnershipLostException(
                    $"state was not read within {deadline.TotalSeconds:0} s: {string.Join(", ", open)} still open; an owner that died may have left a transaction open");
            }

            if (clock.GetElapsedTime(said) > SayEvery)
            {
                said = clock.GetTimestamp();
                log.LogInformation(LogEvents.ReadingState, "reading state: {Records} records, {Open} partitions to go", records, open.Count);
            }

            if (result is null)
            {
                continue;
            }

            if (!result.IsPartitionEOF)
            {
                records++;
                Take(found[result.TopicPartition], result, unreadable);
            }

            // markers of transactions take offsets too, so the end may lie beyond the last record
            if ((result.IsPartitionEOF ? result.Offset.Value : result.Offset.Value + 1) >= ends[result.TopicPartition])
            {
                open.Remove(result.TopicPartition);
            }
        }

        foreach (var (record, problem) in unreadable.Values)
        {
            if (damaged is null)
            {
                throw new InvalidDataException($"{record.TopicPartition} offset {record.Offset.Value}, key: {problem}");
            }

            damaged(record, problem);
        }

        return found;
    }

    private static void Take(
        StateRecords records, ConsumeResult<byte[], byte[]> result,
        Dictionary<(TopicPartition, string), (ConsumeResult<byte[], byte[]> Record, string Problem)> unreadable)
    {
        var key = result.Message.Key ?? [];
        try
        {
            records.Take(key, result.Message.Value, result.Offset.Value);
        }
        catch (InvalidDataException exception)
        {
            // one that was buried since is no longer there
            var name = (result.TopicPartition, Convert.ToHexString(key));
            unreadable.Remove(name);
            if (result.Message.Value is not null)
            {
                unreadable[name] = (result, exception.Message);
            }
        }
    }

    private static Dictionary<TopicPartition, long> Ends(IConsumer<byte[], byte[]> consumer, IReadOnlyList<TopicPartition> partitions)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var wanted = partitions.Select(static partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() });
        var found = admin.ListOffsetsAsync(wanted, new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = AdminTimeout })
            .GetAwaiter().GetResult();
        return found.ResultInfos.ToDictionary(
            static info => info.TopicPartitionOffsetError.TopicPartition, static info => info.TopicPartitionOffsetError.Offset.Value);
    }
}
