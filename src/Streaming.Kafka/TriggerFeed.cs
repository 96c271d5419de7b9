using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>A trigger as it lies in its topic.</summary>
/// <param name="Partition">Partition of the trigger topic.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Value">The CloudEvent, as it was written; null for a tombstone.</param>
public sealed record TriggerRecord(int Partition, long Offset, byte[]? Value);

/// <summary>Reads triggers for a receiver outside Kafka: at least once, each partition up to the first that is not done yet.</summary>
/// <remarks>Only the thread that polls may call it. What was read and is not done when the process ends is read again by the next.</remarks>
public sealed class TriggerFeed : IDisposable
{
    // together well below max.poll.interval.ms: then another member takes the partitions over, or the watch ends and is started again
    private const int MostAttempts = 6;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    private readonly string _topic;
    private readonly bool _fromOldest;
    private readonly ILogger _log;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly Dictionary<int, Queue<(long Offset, bool Done)>> _open = [];
    private readonly HashSet<TriggerRecord> _done = [];
    private readonly Dictionary<int, long> _uncommitted = [];
    private bool _isFailing;
    private bool _isPaused;

    /// <summary>Joins the group.</summary>
    /// <param name="options">How Kafka is reached; its group is not used.</param>
    /// <param name="group">Group of the receivers: one that stops is replaced by another member, or goes on where it stopped.</param>
    /// <param name="fromOldest">Where a group without offsets begins: at the oldest trigger kept, or at the next one.</param>
    /// <param name="log">Where connections that fail are told.</param>
    public TriggerFeed(KafkaOptions options, string group, bool fromOldest, ILogger log)
    {
        (_fromOldest, _log) = (fromOldest, log);
        _topic = new Topics(options.Prefix).Name(Monitoring.OutputTopic.Triggers, StageRole.Decide);
        _consumer = new ConsumerBuilder<byte[], byte[]>(Receiving(options, group))
            .SetLogHandler(static (_, _) => { })
            .SetErrorHandler((_, error) => Failing(error))
            .SetPartitionsAssignedHandler(Begin)
            .SetPartitionsRevokedHandler((_, partitions) => Forget(partitions, commit: true))
            .SetPartitionsLostHandler((_, partitions) => Forget(partitions, commit: false))
            .Build();
        _consumer.Subscribe(_topic);
    }

    /// <summary>The next trigger; null where none came in time.</summary>
    /// <exception cref="WorkerFailedException">Kafka refuses for good.</exception>
    public TriggerRecord? Poll(TimeSpan wait)
    {
        Commit();
        try
        {
            if (_consumer.Consume(wait) is not { } result)
            {
                return null;
            }

            Works();
            if (result.IsPartitionEOF)
            {
                KeepPlace(result);
                return null;
            }

            _open[result.Partition.Value].Enqueue((result.Offset.Value, false));
            return new TriggerRecord(result.Partition.Value, result.Offset.Value, result.Message.Value);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal && !Faults.EndsProcess(exception.Error.Code))
        {
            Failing(exception.Error);
            return null;
        }
        catch (KafkaException exception)
        {
            throw new WorkerFailedException($"Kafka refuses to go on: {exception.Error.Reason} ({exception.Error.Code})", exception);
        }
    }

    /// <summary>Whether the receiver has taken this trigger for good.</summary>
    public void Done(TriggerRecord record)
    {
        if (!_open.TryGetValue(record.Partition, out var open))
        {
            return;
        }

        _done.Add(record with { Value = null });
        while (open.TryPeek(out var first) && _done.Remove(new TriggerRecord(record.Partition, first.Offset, null)))
        {
            open.Dequeue();
            _uncommitted[record.Partition] = first.Offset + 1;
        }
    }

    /// <summary>Stops fetching while too many wait, or goes on.</summary>
    public void Pause(bool pause)
    {
        if (pause == _isPaused)
        {
            return;
        }

        _isPaused = pause;
        if (pause)
        {
            _consumer.Pause(_consumer.Assignment);
        }
        else
        {
            _consumer.Resume(_consumer.Assignment);
        }
    }

    /// <summary>Commits what is done, leaves the group.</summary>
    public void Dispose()
    {
        Commit();
        Closing.Close(_consumer, "triggers", _log);
    }

    /// <summary>A first start that ends before its first trigger must not lose its place.</summary>
    private void KeepPlace(ConsumeResult<byte[], byte[]> end)
    {
        if (_open[end.Partition.Value].Count == 0)
        {
            _uncommitted[end.Partition.Value] = end.Offset.Value;
        }
    }

    private static ConsumerConfig Receiving(KafkaOptions options, string group)
    {
        var config = KafkaProperties.Consumer(options, group);

        // only where the committed offset is gone: a first start is told where to begin
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        return config;
    }

    private List<TopicPartitionOffset> Begin(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _open[partition.Partition.Value] = [];
        }

        // what is thrown out of a handler ends the watch, though brokers may only be away for a while
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Places(consumer, partitions);
            }
            catch (KafkaException exception) when (attempt < MostAttempts && !exception.Error.IsFatal && !Faults.EndsProcess(exception.Error.Code))
            {
                Failing(exception.Error);
            }
        }
    }

    private List<TopicPartitionOffset> Places(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        return consumer.Committed(partitions, AskTimeout).ConvertAll(committed =>
        {
            if (committed.Offset == Offset.Unset)
            {
                return new TopicPartitionOffset(committed.TopicPartition, _fromOldest ? Offset.Beginning : Offset.End);
            }

            var oldest = consumer.QueryWatermarkOffsets(committed.TopicPartition, AskTimeout).Low;
            if (committed.Offset < oldest)
            {
                _log.LogWarning(
                    LogEvents.TriggersMissed, "triggers: {Topic} [{Partition}]: offsets {From} to {To} are no longer in the log; triggers among them were never handed over", _topic,
                    committed.Partition.Value, committed.Offset.Value, oldest.Value);
            }

            return committed;
        });
    }

    private void Forget(List<TopicPartitionOffset> partitions, bool commit)
    {
        if (commit)
        {
            Commit();
        }

        foreach (var partition in partitions)
        {
            _open.Remove(partition.Partition.Value);
            _uncommitted.Remove(partition.Partition.Value);
            _done.RemoveWhere(record => record.Partition == partition.Partition.Value);
        }
    }

    private void Commit()
    {
        if (_uncommitted.Count == 0)
        {
            return;
        }

        try
        {
            _consumer.Commit(_uncommitted.Select(next => new TopicPartitionOffset(_topic, next.Key, next.Value)));
            _uncommitted.Clear();
        }
        catch (KafkaException exception) when (!exception.Error.IsFatal)
        {
            // it is tried again at the next poll; a trigger handed over twice has the same id
            Failing(exception.Error);
        }
    }

    private void Failing(Error error)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            _log.LogWarning(LogEvents.Failing, "triggers: brokers failing, retrying: {Reason} ({Code})", error.Reason, error.Code);
        }
    }

    private void Works()
    {
        if (_isFailing)
        {
            _isFailing = false;
            _log.LogInformation(LogEvents.WorksAgain, "triggers: works again");
        }
    }
}
