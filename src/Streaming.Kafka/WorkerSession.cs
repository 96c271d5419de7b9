using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>One membership in the group: from subscribing to leaving, or to losing partitions.</summary>
internal sealed class WorkerSession : IDisposable
{
    private static readonly TimeSpan WaitForHeads = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WithoutPartition = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(3);

    // what is not saved by then is fed again after the next start
    private static readonly TimeSpan SaveDeadline = TimeSpan.FromSeconds(3);

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
    private readonly RecordSource _source;
    private readonly StateEnvelope _envelope = new();
    private readonly WorkerCounts _counts;
    private readonly StateSaving _saving;
    private readonly Restore _restore;
    private readonly Contact _contact;
    private readonly PendingOutputs _pending = new();
    private readonly long _missedBefore;
    private readonly long _subscribedAt;
    private Patience? _patience;
    private Action _beat = static () => { };
    private Exception? _handlerFault;
    private string? _lost;
    private bool _closing;
    private long _committedAt;
    private long _waitingSince;
    private int _packed;
    private bool _joined;

    public WorkerSession(
        KafkaOptions options, StageRole role, IStage stage, Layout layout, string transactionalId, WorkerCounts counts, Telemetry telemetry, ILogger log, TimeProvider clock)
    {
        (_options, _role, _stage, _counts, _telemetry, _log, _clock, _name) = (options, role, stage, counts, telemetry, log, clock, role.ToString().ToLowerInvariant());
        var group = NeededAcls.Group(options, role);
        var access = new Access();
        _transaction = new OutputTransaction(options, transactionalId, layout, access, counts, log, clock);
        _saving = new StateSaving(stage, layout, _envelope, counts);
        _restore = new Restore(options, role, stage, layout, _envelope, _saving, group, log, clock);
        _consumer = KafkaProperties.Built(options, () => new ConsumerBuilder<byte[], byte[]>(KafkaProperties.Consumer(options, group))
            .SetPartitionsAssignedHandler((_, assigned) => OnAssigned(assigned))
            .SetPartitionsRevokedHandler((_, revoked) => OnRevoked(revoked))
            .SetPartitionsLostHandler((_, lost) => OnLost(lost))
            .SetErrorHandler((_, error) => access.Note(error))
            .SetLogHandler(static (_, _) => { })
            .Build());
        _source = new RecordSource(options, group, _consumer, _assignment);
        _contact = new Contact(_consumer, new TopicPartition(layout.Inputs[0], 0), access, clock);
        _missedBefore = telemetry.Latest(role).OffsetsMissing;
        _consumer.Subscribe(layout.Inputs);
        _subscribedAt = clock.GetTimestamp();
    }

    public void Run(Patience patience, Action beat, CancellationToken stop)
    {
        (_patience, _beat) = (patience, beat);
        _transaction.Open(patience);
        _committedAt = _waitingSince = _clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            beat();
            _source.Poll(patience, ThrowFaults);
            _contact.ThrowIfRefused();
            Process();
            FlushIdle();
            if (_clock.GetElapsedTime(_committedAt) >= _options.CommitInterval || _pending.IsFull(_outputs))
            {
                Commit();
            }
        }

        // with nobody there a commit would only wait
        if (!_contact.Answers(patience))
        {
            throw new OperationCanceledException(stop);
        }

        CommitAndSaveAll(static _ => true);
        _log.LogInformation("{Stage}: stopped; {Records} records processed, all committed", _name, _counts.Records);
    }

    public void Dispose()
    {
        _closing = true;
        _transaction.Dispose();
        foreach (var owned in _assignment.Partitions.ToList())
        {
            _stage.Revoke(owned.Partition.Topic, owned.Partition.Partition);
        }

        _assignment.Clear();
        _envelope.Dispose();

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

    private void Process()
    {
        EndReplays();

        // best effort to take records in the order of their timestamps across partitions: wait a moment until every head is known
        if (_assignment.QueuedRecords == 0 || (_source.HasRoom && !_assignment.HeadsKnown() && _clock.GetElapsedTime(_waitingSince) < WaitForHeads))
        {
            return;
        }

        for (var batches = 0; batches < 64 && !_pending.IsFull(_outputs) && _assignment.Oldest() is { } next; batches++)
        {
            var begin = _clock.GetTimestamp();
            var (owned, count) = next;
            _stage.Process(owned.Partition.Topic, owned.Partition.Partition, owned.Queue.Records[..count], _outputs);
            _assignment.Drop(owned, count);
            _counts.Records += count;
            owned.LastRecord = (begin, true);
            _telemetry.RecordBatch(_role, _clock.GetElapsedTime(begin));
            if (!_assignment.HeadsKnown())
            {
                break;
            }
        }

        _waitingSince = _clock.GetTimestamp();
        EndReplays();
    }

    /// <summary>A replay is over where the committed offset is reached; markers of transactions may be all that lies before it.</summary>
    private void EndReplays()
    {
        foreach (var owned in _assignment.Partitions)
        {
            if (owned.ReplayUntil is { } until && (owned.Next >= until || (owned.AtEnd && owned.Queue.Count == 0)))
            {
                _stage.EndReplay(owned.Partition.Topic, owned.Partition.Partition);
                (owned.ReplayUntil, owned.Next) = (null, Math.Max(until, owned.Next ?? until));
                _log.LogInformation("{Stage}: {Partition} is where it was, at offset {Offset}", _name, owned.Partition, owned.Next);
            }
        }
    }

    private void FlushIdle()
    {
        if (_options.IdleFlush == TimeSpan.Zero)
        {
            return;
        }

        foreach (var owned in _assignment.Partitions)
        {
            var idle = owned.LastRecord.Open && owned.ReplayUntil is null && owned.Queue.Count == 0;
            if (idle && _clock.GetElapsedTime(owned.LastRecord.At) >= _options.IdleFlush)
            {
                owned.LastRecord = owned.LastRecord with { Open = false };
                _stage.Flush(owned.Partition.Topic, owned.Partition.Partition, _outputs, FlushReason.Idle);
            }
        }
    }

    /// <summary>Commits outputs, offsets and the state that is due.</summary>
    private void Commit()
    {
        foreach (var owned in _assignment.Partitions)
        {
            if (owned.Moved || _stage.FirstUnsaved(owned.Partition.Topic, owned.Partition.Partition) < owned.Schedule.Due(owned.Next ?? 0))
            {
                Append(owned, all: false);
            }
        }

        CommitOutputs();
    }

    /// <summary>Commits, and saves all state of partitions that go, within a deadline.</summary>
    private void CommitAndSaveAll(Func<OwnedPartition, bool> goes)
    {
        var begin = _clock.GetTimestamp();
        bool more;
        do
        {
            more = false;
            foreach (var owned in _assignment.Partitions)
            {
                Append(owned, goes(owned));
                more |= goes(owned) && owned.ReplayUntil is null && _stage.FirstUnsaved(owned.Partition.Topic, owned.Partition.Partition) is not null;
            }

            CommitOutputs();
        }
        while (more && _clock.GetElapsedTime(begin) < SaveDeadline);
    }

    private void Append(OwnedPartition owned, bool all)
    {
        if (owned is { ReplayUntil: null, Next: not null })
        {
            _saving.Append(owned, all, _outputs);
        }
    }

    private void CommitOutputs()
    {
        _offsets.Clear();
        foreach (var owned in _assignment.Partitions)
        {
            if (owned.Moved)
            {
                _offsets.Add(new TopicPartitionOffset(owned.Partition, owned.Next!.Value));
            }
        }

        if (_offsets.Count > 0 || _outputs.Count > 0)
        {
            _packed = _saving.Pack(_outputs, _packed);
            _transaction.Commit(_outputs, _offsets, _consumer, _patience!);
            _outputs.Clear();
            _packed = 0;
            _pending.Clear();
            _contact.Made();
            foreach (var owned in _assignment.Partitions)
            {
                owned.Committed = owned.ReplayUntil is null ? owned.Next ?? owned.Committed : owned.Committed;
            }
        }
        else
        {
            // the client does not tell a member that it got no partition
            _joined |= _contact.Answers(_patience!) && _clock.GetElapsedTime(_subscribedAt) >= WithoutPartition;
        }

        _committedAt = _clock.GetTimestamp();
        Publish();
    }

    private List<TopicPartitionOffset> OnAssigned(List<TopicPartition> assigned)
    {
        if (_closing)
        {
            return [.. assigned.Select(static partition => new TopicPartitionOffset(partition, Offset.End))];
        }

        _counts.Rebalances++;
        try
        {
            // not every assigned partition is restored until this is over
            _telemetry.Publish(_role, _telemetry.Latest(_role) with { Ready = false });
            var restored = _restore.Of(_consumer, assigned, _ => _beat());
            foreach (var one in restored)
            {
                _assignment.Add(new OwnedPartition(one.Partition, one.Committed, new SaveSchedule(_clock))
                {
                    LastRecord = (_clock.GetTimestamp(), true),

                    // where a first attach begins is committed at once, so that "latest" means the end of that moment and no later one
                    Next = one.Committed is null ? one.Start : null,
                });
                _counts.Restores++;
            }

            _joined = true;
            return [.. restored.Select(static one => new TopicPartitionOffset(one.Partition, one.Start))];
        }
        catch (Exception exception) when (exception is KafkaException or WorkerFailedException or OwnershipLostException or AccessRefusedException)
        {
            // a handler must not throw: the loop does, once Consume has returned
            _handlerFault = exception;
            return [.. assigned.Select(static partition => new TopicPartitionOffset(partition, Offset.End))];
        }
    }

    private void OnRevoked(List<TopicPartitionOffset> revoked)
    {
        _counts.Rebalances++;
        if (_closing)
        {
            return;
        }

        try
        {
            CommitAndSaveAll(owned => revoked.Exists(gone => gone.TopicPartition == owned.Partition));
            foreach (var partition in revoked)
            {
                if (_assignment.Remove(partition.TopicPartition))
                {
                    _stage.Revoke(partition.Topic, partition.Partition);
                }
            }

            _log.LogInformation("{Stage}: revoked {Partitions}", _name, string.Join(", ", revoked.Select(static partition => partition.TopicPartition)));
        }
        catch (Exception exception) when (exception is KafkaException or WorkerFailedException or OwnershipLostException or AccessRefusedException or OperationCanceledException)
        {
            _handlerFault = exception;
        }
    }

    private void OnLost(List<TopicPartitionOffset> lost) =>
        (_counts.Rebalances, _lost) = (_counts.Rebalances + 1, string.Join(", ", lost.Select(static partition => partition.TopicPartition)));

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
            case KafkaException exception when Faults.IsDenied(exception.Error.Code):
                throw new AccessRefusedException(NeededAcls.Denied(exception.Error.Reason));
            case KafkaException exception:
                throw new OwnershipLostException(exception.Error.Reason);
            default:
                throw _handlerFault;
        }
    }

    private long? LagOf(OwnedPartition owned)
    {
        // markers of transactions take offsets at the end of a log; no record is missing where the client has found the end
        if (owned.AtEnd && owned.Queue.Count == 0)
        {
            return 0;
        }

        var high = _consumer.GetWatermarkOffsets(owned.Partition).High.Value;
        return owned.Next is { } next && high >= 0 ? Math.Max(0, high - next) : null;
    }

    private void Publish()
    {
        var (lags, replaying) = (new List<PartitionLag>(_assignment.Partitions.Count), 0);
        foreach (var owned in _assignment.Partitions)
        {
            replaying += owned.ReplayUntil is null ? 0 : 1;
            if (LagOf(owned) is { } lag)
            {
                lags.Add(new PartitionLag(owned.Partition.Topic, owned.Partition.Partition, lag));
            }
        }

        var snapshot = _stage.Snapshot();
        _telemetry.Publish(_role, new WorkerSnapshot
        {
            Stage = snapshot,
            Lags = lags,
            Records = _counts.Records,
            Queued = _assignment.QueuedRecords,
            Commits = _counts.Commits,
            Aborts = _counts.Aborts,
            Recycles = _counts.Recycles,
            Rebalances = _counts.Rebalances,
            Restores = _counts.Restores,
            Replaying = replaying,
            StateBytes = _counts.StateBytes,
            StateValues = _counts.StateValues,
            OffsetsMissing = _missedBefore + _restore.Missed,
            Contact = _contact.At,
            EventTimeDelay = snapshot.Watermark is { } mark ? (_clock.GetUtcNow().ToUnixTimeMilliseconds() - mark) / 1_000.0 : null,
            Ready = _joined && replaying == 0 && !_patience!.IsFailing,
        });
    }
}
