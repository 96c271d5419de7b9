using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>One membership in the group: from subscribing to leaving, or to losing partitions.</summary>
internal sealed class WorkerSession : IDisposable
{
    private static readonly TimeSpan WaitForHeads = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(3);

    private readonly KafkaOptions _options;
    private readonly StageRole _role;
    private readonly IStage _stage;
    private readonly Telemetry _telemetry;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly string _name;
    private readonly Assignment _assignment = new();
    private readonly List<OutputRecord> _outputs = [];
    private readonly List<TopicPartitionOffset> _offsets = [];
    private readonly OutputTransaction _transaction;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly StartOffsets _startOffsets;
    private Patience? _patience;
    private Exception? _handlerFault;
    private string? _lost;
    private string? _brokerError;
    private long _committedAt;
    private long _waitingSince;
    private long _rebalances;
    private long _records;
    private bool _joined;

    public WorkerSession(
        KafkaOptions options, StageRole role, IStage stage, Topics topics, string transactionalId, IReadOnlyDictionary<string, int> partitionCounts,
        Telemetry telemetry, ILogger log, TimeProvider clock)
    {
        (_options, _role, _stage, _telemetry, _log, _clock, _name) = (options, role, stage, telemetry, log, clock, role.ToString().ToLowerInvariant());
        _transaction = new OutputTransaction(options, transactionalId, topics, partitionCounts, log);
        _startOffsets = new StartOffsets(options, log);
        var group = role == StageRole.Detect ? options.Group : options.Group + ".decide";
        _consumer = new ConsumerBuilder<byte[], byte[]>(KafkaProperties.Consumer(options, group))
            .SetPartitionsAssignedHandler(OnAssigned)
            .SetPartitionsRevokedHandler((_, revoked) => OnRevoked(revoked))
            .SetPartitionsLostHandler((_, lost) => OnLost(lost))
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler(static (_, _) => { })
            .Build();
        _consumer.Subscribe(role == StageRole.Detect ? options.Topics : [topics.Panes]);
    }

    public void Run(Patience patience, Action beat, CancellationToken stop)
    {
        _patience = patience;
        _transaction.Open(patience);
        _committedAt = _waitingSince = _clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            beat();
            Poll();
            Process();
            FlushIdle();
            if (_clock.GetElapsedTime(_committedAt) >= _options.CommitInterval)
            {
                Commit();
            }
        }

        Stop();
    }

    public void Dispose()
    {
        _transaction.Dispose();
        foreach (var owned in _assignment.Partitions.ToList())
        {
            _stage.Revoke(owned.Partition.Topic, owned.Partition.Partition);
        }

        _assignment.Clear();

        // Close may wait for an unreachable coordinator for ever, so it gets a thread and a deadline of its own
        var closing = new Thread(() =>
        {
            try
            {
                _consumer.Close();
            }
            catch (KafkaException exception)
            {
                _log.LogDebug("{Stage}: close: {Reason}", _name, exception.Error.Reason);
            }
            finally
            {
                _consumer.Dispose();
            }
        })
        { IsBackground = true, Name = _name + "-close" };
        closing.Start();
        closing.Join(CloseDeadline);
    }

    private void Poll()
    {
        var wait = _assignment.QueuedRecords == 0 ? Idle : TimeSpan.Zero;
        for (var i = 0; i < 4_096 && HasRoom(); i++)
        {
            var result = Consume(wait);
            ThrowFaults();
            if (result is null)
            {
                return;
            }

            wait = TimeSpan.Zero;
            if (result.IsPartitionEOF)
            {
                _assignment.MarkEnd(result.TopicPartition);
                continue;
            }

            var message = result.Message;
            _assignment.Enqueue(
                result.TopicPartition,
                new LogRecord(result.Offset.Value, message.Timestamp.UnixTimestampMs, message.Key, message.Value, HeadersOf(message)));
        }
    }

    private bool HasRoom() =>
        _assignment.QueuedRecords < _options.MaxQueuedRecords && _assignment.QueuedBytes < _options.MaxQueuedBytes;

    private ConsumeResult<byte[], byte[]>? Consume(TimeSpan wait)
    {
        try
        {
            return _consumer.Consume(wait);
        }
        catch (ConsumeException exception) when (exception.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            throw new WorkerFailedException(StartOffsets.Gone(exception.ConsumerRecord?.TopicPartitionOffset), exception);
        }
        catch (ConsumeException exception) when (exception.Error.Code is ErrorCode.Local_MaxPollExceeded or ErrorCode.UnknownMemberId)
        {
            throw new OwnershipLostException(exception.Error.Reason);
        }
        catch (ConsumeException exception)
        {
            if (Faults.EndsProcess(exception.Error.Code) || exception.Error.IsFatal)
            {
                throw new WorkerFailedException($"Kafka refuses to go on: {exception.Error.Reason} ({exception.Error.Code})", exception);
            }

            _patience!.Failed("consume", exception.Error);
            return null;
        }
    }

    private static List<KeyValuePair<string, byte[]>>? HeadersOf(Message<byte[], byte[]> message) =>
        message.Headers is null || message.Headers.Count == 0
            ? null : [.. message.Headers.Select(static header => new KeyValuePair<string, byte[]>(header.Key, header.GetValueBytes()))];

    private void Process()
    {
        // best effort to take records in the order of their timestamps across partitions: wait a moment until every head is known
        if (_assignment.QueuedRecords == 0 || (HasRoom() && !_assignment.HeadsKnown() && _clock.GetElapsedTime(_waitingSince) < WaitForHeads))
        {
            return;
        }

        for (var batches = 0; batches < 64 && _assignment.Oldest() is { } next; batches++)
        {
            var begin = _clock.GetTimestamp();
            var (owned, count) = next;
            _stage.Process(owned.Partition.Topic, owned.Partition.Partition, owned.Queue.Records[..count], _outputs);
            _assignment.Drop(owned, count);
            _records += count;
            owned.LastRecord = (begin, true);
            _telemetry.RecordBatch(_role, _clock.GetElapsedTime(begin));
            if (!_assignment.HeadsKnown())
            {
                break;
            }
        }

        _waitingSince = _clock.GetTimestamp();
    }

    private void FlushIdle()
    {
        if (_options.IdleFlush == TimeSpan.Zero)
        {
            return;
        }

        foreach (var owned in _assignment.Partitions)
        {
            if (owned.LastRecord.Open && owned.Queue.Count == 0 && _clock.GetElapsedTime(owned.LastRecord.At) >= _options.IdleFlush)
            {
                owned.LastRecord = owned.LastRecord with { Open = false };
                _stage.Flush(owned.Partition.Topic, owned.Partition.Partition, _outputs, FlushReason.Idle);
            }
        }
    }

    private void Commit()
    {
        // this loop keeps no state yet: windows begin anew with each assignment
        _outputs.RemoveAll(static output => output.Topic == OutputTopic.State);
        _offsets.Clear();
        foreach (var owned in _assignment.Partitions)
        {
            if (owned.Next is { } next && next != owned.Committed)
            {
                _offsets.Add(new TopicPartitionOffset(owned.Partition, next));
            }
        }

        if (_offsets.Count > 0 || _outputs.Count > 0)
        {
            _transaction.Commit(_outputs, _offsets, _consumer, _patience!);
            _outputs.Clear();
            foreach (var owned in _assignment.Partitions)
            {
                owned.Committed = owned.Next;
            }
        }
        else if (_brokerError is null)
        {
            _patience!.Succeeded();
        }

        _committedAt = _clock.GetTimestamp();
        Publish();
    }

    private void Stop()
    {
        CloseOpen(_assignment.Partitions);
        Commit();
        _log.LogInformation("{Stage}: stopped; {Records} records processed, all committed", _name, _records);
    }

    private void CloseOpen(IEnumerable<OwnedPartition> partitions)
    {
        // as long as this loop saves no state, an open pane would be lost
        foreach (var owned in partitions)
        {
            _stage.Flush(owned.Partition.Topic, owned.Partition.Partition, _outputs, FlushReason.Idle);
        }
    }

    private List<TopicPartitionOffset> OnAssigned(IConsumer<byte[], byte[]> consumer, List<TopicPartition> assigned)
    {
        _rebalances++;
        _joined = true;
        try
        {
            var offsets = _startOffsets.Of(consumer, assigned);
            foreach (var start in offsets)
            {
                _assignment.Add(start.TopicPartition);
                _stage.Assign(start.Topic, start.Partition, Guid.Empty);
            }

            _log.LogInformation("{Stage}: assigned {Partitions}; windows begin anew there", _name, string.Join(", ", offsets));
            return offsets;
        }
        catch (Exception exception) when (exception is KafkaException or WorkerFailedException)
        {
            // a handler must not throw: the loop does, once Consume has returned
            _handlerFault = exception;
            return [.. assigned.Select(static partition => new TopicPartitionOffset(partition, Offset.End))];
        }
    }

    private void OnRevoked(List<TopicPartitionOffset> revoked)
    {
        _rebalances++;
        try
        {
            CloseOpen(_assignment.Partitions.Where(owned => revoked.Exists(partition => partition.TopicPartition == owned.Partition)));
            Commit();
            Forget(revoked);
            _log.LogInformation("{Stage}: revoked {Partitions}", _name, string.Join(", ", revoked.Select(static partition => partition.TopicPartition)));
        }
        catch (Exception exception) when (exception is KafkaException or WorkerFailedException or OwnershipLostException or OperationCanceledException)
        {
            _handlerFault = exception;
        }
    }

    private void OnLost(List<TopicPartitionOffset> lost)
    {
        _rebalances++;
        _lost = string.Join(", ", lost.Select(static partition => partition.TopicPartition));
    }

    private void Forget(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_assignment.Remove(partition.TopicPartition))
            {
                _stage.Revoke(partition.Topic, partition.Partition);
            }
        }
    }

    private void OnError(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.Local_Authentication)
        {
            _brokerError = error.Reason;
        }
    }

    private void ThrowFaults()
    {
        if (_lost is { } lost)
        {
            throw new OwnershipLostException(lost);
        }

        switch (_handlerFault)
        {
            case null:
                return;
            case KafkaException exception:
                throw new OwnershipLostException(exception.Error.Reason);
            default:
                throw _handlerFault;
        }
    }

    private void Publish()
    {
        // librdkafka reports a broker that went away once; the commit that follows tells whether it is back
        var away = _brokerError is not null && _assignment.Partitions.Count == 0;
        var lags = new List<PartitionLag>(_assignment.Partitions.Count);
        foreach (var owned in _assignment.Partitions)
        {
            var high = _consumer.GetWatermarkOffsets(owned.Partition).High.Value;
            if (owned.Next is { } next && high >= 0)
            {
                lags.Add(new PartitionLag(owned.Partition.Topic, owned.Partition.Partition, Math.Max(0, high - next)));
            }
        }

        var snapshot = _stage.Snapshot();
        _telemetry.Publish(_role, new WorkerSnapshot
        {
            Stage = snapshot,
            Lags = lags,
            Records = _records,
            Queued = _assignment.QueuedRecords,
            Commits = _transaction.Commits,
            Aborts = _transaction.Aborts,
            Recycles = _transaction.Recycles,
            Rebalances = _rebalances,
            Beat = _committedAt,
            EventTimeDelay = snapshot.Watermark is { } mark ? (_clock.GetUtcNow().ToUnixTimeMilliseconds() - mark) / 1_000.0 : null,
            Ready = _joined && !away && !_patience!.IsFailing,
        });
    }
}
