using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>One membership in the group: from subscribing to leaving, or to losing partitions.</summary>
internal sealed class WorkerSession : IDisposable
{
    private static readonly TimeSpan WaitForHeads = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WithoutPartition = TimeSpan.FromSeconds(8);

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
    private readonly AuditLog _audit;
    private readonly LabelWarnings _warnings;
    private readonly WorkerPicture _picture;
    private readonly PartitionPairs _pairs;
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
        (_warnings, _audit) = (new LabelWarnings(options, layout, log), new AuditLog(_name, log, clock));
        _pairs = new PartitionPairs(stage, layout, _assignment, counts, log, clock);
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
        _source = new RecordSource(options, group, _consumer, _assignment, _warnings, clock);
        _picture = new WorkerPicture(role, stage, _assignment, _consumer, counts, clock);
        _contact = new Contact(_consumer, Contact.Anywhere(layout.Inputs[0], options), access, clock);
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
        _log.LogInformation(LogEvents.Stopped, "{Stage}: stopped; {Records} records processed, all committed", _name, _counts.Records);
    }

    public void Dispose()
    {
        _closing = true;
        _transaction.Dispose();
        _counts.MergeUnordered += _assignment.MergeUnordered;
        foreach (var owned in _assignment.Partitions.ToList())
        {
            _stage.Revoke(owned.Partition.Topic, owned.Partition.Partition);
        }

        _assignment.Clear();
        _envelope.Dispose();

        Closing.Close(_consumer, _name, _log);
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
            owned.Unit!.LastRecord = (begin, true);
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
            if (owned.Pair is { IsReplaying: true, IsReplayed: true } pair && owned == pair.Predictions)
            {
                _pairs.EndReplay(pair);
            }
            else if (!owned.IsHalf && owned.ReplayUntil is { } until && (owned.Next >= until || (owned.AtEnd && owned.Queue.Count == 0)))
            {
                _stage.EndReplay(owned.Partition.Topic, owned.Partition.Partition);
                (owned.ReplayUntil, owned.Next) = (null, Math.Max(until, owned.Next ?? until));
                _log.LogInformation(LogEvents.Replayed, "{Stage}: {Partition} is where it was, at offset {Offset}", _name, owned.Partition, owned.Next);
            }
        }
    }

    private void FlushIdle()
    {
        if (_options.IdleFlush == TimeSpan.Zero)
        {
            return;
        }

        foreach (var owned in _assignment.Units)
        {
            var idle = owned.LastRecord.Open && !owned.IsReplaying && owned.Queue.Count == 0 && owned.Pair is not { Labels.Queue.Count: > 0 };
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
        foreach (var owned in _assignment.Units)
        {
            if (owned.Moved || owned.Pair is { Labels.Moved: true } || _stage.FirstUnsaved(owned.Partition.Topic, owned.Partition.Partition) < owned.Schedule.Due(owned.Reached))
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
            foreach (var owned in _assignment.Units)
            {
                var all = goes(owned) || (owned.Pair is { } pair && goes(pair.Labels));
                Append(owned, all);
                more |= all && !owned.IsReplaying && _stage.FirstUnsaved(owned.Partition.Topic, owned.Partition.Partition) is not null;
            }

            CommitOutputs();
        }
        while (more && _clock.GetElapsedTime(begin) < SaveDeadline);
    }

    private void Append(OwnedPartition owned, bool all)
    {
        if (owned is { IsReplaying: false, Next: not null })
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
            var begin = _clock.GetTimestamp();
            _transaction.Commit(_outputs, _offsets, _consumer, _patience!);
            _telemetry.RecordCommit(_role, _clock.GetElapsedTime(begin));
            _audit.Committed(_outputs);
            _outputs.Clear();
            _packed = 0;
            _pending.Clear();
            _contact.Made();
            foreach (var owned in _assignment.Partitions)
            {
                owned.Committed = owned.Moved ? owned.Next : owned.Committed;
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
            _telemetry.Restoring(_role, assigned.Count, 0);
            var restored = _restore.Of(_consumer, assigned, read =>
            {
                _beat();
                _telemetry.Restoring(_role, assigned.Count, read);
            });
            foreach (var one in restored)
            {
                _assignment.Add(new OwnedPartition(one.Partition, one.Committed, new SaveSchedule(_clock))
                {
                    LastRecord = (_clock.GetTimestamp(), true),
                    LastArrival = _clock.GetTimestamp(),
                    Start = one.Start,
                    MergeKey = one.MergeKey,
                    IsHalf = _pairs.IsHalf(one.Partition.Topic),

                    // where a first attach begins is committed at once, so that "latest" means the end of that moment and no later one
                    Next = one.Committed is null ? one.Start : null,
                });
                _counts.Restores++;
            }

            _pairs.Join(_restore);

            _joined = true;
            _telemetry.Restoring(_role, 0, 0);
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
                _pairs.Part(partition.TopicPartition);
                if (_assignment.Remove(partition.TopicPartition))
                {
                    _stage.Revoke(partition.Topic, partition.Partition);
                }
            }

            _pairs.RequireWhole(revoked);

            _log.LogInformation(LogEvents.Revoked, "{Stage}: revoked {Partitions}", _name, string.Join(", ", revoked.Select(static partition => partition.TopicPartition)));
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

    private void Publish()
    {
        var picture = _picture.Make(_missedBefore + _restore.Missed, _contact.At, _joined && !_patience!.IsFailing);
        _telemetry.Publish(_role, picture);
        _warnings.Say(picture.Stage);
        SayUnusable(picture.Stage);
    }

    /// <summary>Once a topic and run: nothing of it can be used, and what it looks like.</summary>
    private void SayUnusable(StageSnapshot stage)
    {
        for (; _counts.SaidUnusable < stage.Unusable.Count; _counts.SaidUnusable++)
        {
            var (topic, reasons, keys) = stage.Unusable[_counts.SaidUnusable];
            _log.LogWarning(
                LogEvents.NothingUsable, "{Stage}: the first 100 records of {Topic} are all dead letters ({Reasons}); keys found: {Keys}; driftd inspect --topic {Topic} proposes a mapping",
                _name, topic, reasons, keys, topic);
        }
    }
}
