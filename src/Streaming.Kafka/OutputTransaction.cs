using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Writes outputs and input offsets in one transaction, and finds out whether it happened.</summary>
/// <remarks>
/// librdkafka speaks transaction protocol v1, in which a delayed EndTxn may touch a later transaction. So after a commit whose outcome is not known
/// the producer is thrown away, a new one under the same id fences what may still be in flight, and the group's stable committed offsets tell
/// whether the transaction counts. Where it moved no offset nothing can tell, and the outputs are sent again.
/// </remarks>
internal sealed class OutputTransaction(
    KafkaOptions options, string transactionalId, Layout layout, Access access, WorkerCounts counts, ILogger log, TimeProvider clock) : IDisposable
{
    private const int MostAborts = 20;
    private const int MostFencings = 3;
    private const int MostLookUps = 2;
    private const int MostLeft = 8;

    private static readonly TimeSpan FencingPeriod = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestAborting = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterAbort = TimeSpan.FromMilliseconds(100);

    // a commit that took this long may have been sent again by the client, when the first one found no answer within the socket timeout
    private readonly TimeSpan _slow = SlowCommit(options);
    private readonly Headers _none = [];
    private IProducer<byte[], byte[]>? _producer;
    private volatile string? _tooLarge;
    private volatile string? _denied;
    private volatile bool _sending;
    private volatile bool _disturbed;

    /// <summary>Writes <paramref name="outputs"/> and moves <paramref name="offsets"/>; returns once both are known to be committed.</summary>
    /// <exception cref="OwnershipLostException">The group refuses the offsets for good.</exception>
    /// <exception cref="WorkerFailedException">No waiting can mend it.</exception>
    /// <exception cref="OperationCanceledException">The stop was asked for while the brokers were away.</exception>
    public void Commit(
        IReadOnlyList<OutputRecord> outputs, IReadOnlyList<TopicPartitionOffset> offsets, IConsumer<byte[], byte[]> consumer, Patience patience)
    {
        var (aborts, since) = (0, clock.GetTimestamp());
        while (true)
        {
            try
            {
                var begin = clock.GetTimestamp();
                Send(outputs, offsets, consumer, patience);
                var took = clock.GetElapsedTime(begin);
                counts.Commits++;
                patience.Succeeded();
                if (MayHaveBeenRetried(took))
                {
                    log.LogWarning(LogEvents.ProducerReplaced, "a commit took {Seconds:0.0} s and may have been sent twice; the producer is replaced", took.TotalSeconds);
                    counts.Recycles++;
                    Dispose();
                    Open(patience);
                }

                return;
            }
            catch (KafkaException exception)
            {
                _sending = false;
                if (_tooLarge is { } what)
                {
                    throw new WorkerFailedException(what, exception);
                }

                ThrowIfDenied(exception.Error);
                switch (Faults.Classify(exception))
                {
                    case Fault.Fatal:
                        throw new WorkerFailedException($"Kafka refuses to go on: {exception.Error.Reason} ({exception.Error.Code})", exception);
                    case Fault.Abort when TryAbort(patience):
                        if (++aborts > MostAborts || clock.GetElapsedTime(since) > LongestAborting)
                        {
                            throw new OwnershipLostException(exception.Error.Reason);
                        }

                        if (aborts > 1)
                        {
                            patience.Notice("commit", $"{exception.Error.Reason} ({exception.Error.Code})");
                        }

                        patience.Wait(AfterAbort);
                        break;
                    default:
                        NoteFencing(exception.Error);
                        patience.Failed("commit", exception.Error);
                        if (Recycle(offsets, consumer, patience))
                        {
                            counts.Commits++;
                            return;
                        }

                        break;
                }
            }
        }
    }

    /// <summary>Fences what an earlier run under the same id left open.</summary>
    public void Open(Patience patience)
    {
        while (_producer is null)
        {
            IProducer<byte[], byte[]>? producer = null;
            try
            {
                producer = KafkaProperties.Built(options, () => new ProducerBuilder<byte[], byte[]>(KafkaProperties.Producer(options, transactionalId))
                    .SetErrorHandler((_, error) => Note(error, patience))
                    .SetLogHandler(static (_, _) => { })
                    .Build());
                LimitedCalls.Init(producer, ShortWait, patience, clock);
                _producer = producer;
                patience.Succeeded();
            }
            catch (KafkaException exception)
            {
                producer?.Dispose();
                ThrowIfDenied(exception.Error);
                access.ThrowIfRefused();
                if (Faults.EndsProcess(exception.Error.Code))
                {
                    throw new WorkerFailedException($"Kafka refuses transactions of {transactionalId}: {exception.Error.Reason}", exception);
                }

                patience.Failed("transactions", exception.Error);
            }
            catch (OperationCanceledException)
            {
                producer?.Dispose();
                throw;
            }
        }
    }

    public void Dispose()
    {
        _producer?.Dispose();
        _producer = null;
    }

    /// <summary>
    /// The broker fences a producer whose transaction took too long; that happens once, after a long silence. Two instances under one id fence each
    /// other again and again.
    /// </summary>
    private void NoteFencing(Error error)
    {
        if (!Faults.IsFenced(error.Code))
        {
            return;
        }

        var now = clock.GetTimestamp();
        counts.Fencings.RemoveAll(at => clock.GetElapsedTime(at, now) > FencingPeriod);
        counts.Fencings.Add(now);
        if (counts.Fencings.Count > MostFencings)
        {
            throw new WorkerFailedException(
                $"another instance writes under the transactional id {transactionalId}: fenced {counts.Fencings.Count} times within {FencingPeriod.TotalMinutes:0} min; "
                + "give each instance a slot of its own");
        }
    }

    private void Send(
        IReadOnlyList<OutputRecord> outputs, IReadOnlyList<TopicPartitionOffset> offsets, IConsumer<byte[], byte[]> consumer, Patience patience)
    {
        (_tooLarge, _denied) = (null, null);
        (_sending, _disturbed) = (true, false);
        _producer!.BeginTransaction();
        foreach (var output in outputs)
        {
            Produce(output, patience);
        }

        // each of what follows may block as long as a transaction may last
        patience.Beat();

        // fresh metadata each time: a rebalance that kept our partitions has moved the epoch on
        if (offsets.Count > 0)
        {
            SendOffsets(_producer, offsets, consumer.ConsumerGroupMetadata);
        }

        FaultPoints.Reach(FaultPoints.BeforeCommit, () => _producer.Flush(options.TransactionTimeout));
        patience.Beat();
        _producer.CommitTransaction(options.TransactionTimeout);
        _sending = false;
        FaultPoints.Reach(FaultPoints.AfterCommit);
    }

    private void SendOffsets(IProducer<byte[], byte[]> producer, IReadOnlyList<TopicPartitionOffset> offsets, IConsumerGroupMetadata member)
    {
        if (LimitedCalls.TrySendOffsets(producer, offsets, member, options.TransactionTimeout, options.TransactionTimeout + ShortWait))
        {
            return;
        }

        // a call is inside it, so it must never be destroyed; the next one under its id fences it
        _producer = null;
        counts.Left.Add(producer);
        if (counts.Left.Count > MostLeft)
        {
            throw new WorkerFailedException($"the client has not come back from sending offsets {counts.Left.Count} times; start the process anew");
        }

        throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "the client does not come back from sending offsets; it is left, another one takes its place"));
    }

    private void Produce(OutputRecord output, Patience patience)
    {
        var partition = layout.Of(output);
        var message = new Message<byte[], byte[]> { Key = output.Key!, Value = output.Value!, Headers = _none };
        if (output.Headers is { Count: > 0 } headers)
        {
            message.Headers = [];
            foreach (var (name, value) in headers)
            {
                message.Headers.Add(name, value);
            }
        }

        while (true)
        {
            try
            {
                _producer!.Produce(partition, message, report => NoteRefusal(report.Error, partition, message));
                return;
            }
            catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.MsgSizeTooLarge)
            {
                NoteRefusal(exception.Error, partition, message);
                throw;
            }
            catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                patience.Beat();
                _producer!.Poll(AfterAbort);
            }
        }
    }

    /// <summary>No waiting makes a record smaller: sending it again and again would only hide that the worker stands still.</summary>
    private void NoteRefusal(Error error, TopicPartition partition, Message<byte[], byte[]> message)
    {
        if (error.Code == ErrorCode.MsgSizeTooLarge)
        {
            _tooLarge = $"a record of {(message.Key?.Length ?? 0) + (message.Value?.Length ?? 0)} bytes for {partition.Topic} is larger than allowed: "
                + $"raise kafka.message.max.bytes here and max.message.bytes of {partition.Topic}";
        }

        if (error.Code == ErrorCode.TopicAuthorizationFailed)
        {
            _denied = $"Write on topic {partition.Topic}";
        }
    }

    /// <summary>Five seconds, or half the socket timeout where that is less.</summary>
    internal static TimeSpan SlowCommit(KafkaOptions options)
    {
        var slow = TimeSpan.FromSeconds(5);
        return options.Properties.TryGetValue("socket.timeout.ms", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var timeout) && timeout / 2 < slow.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(timeout / 2.0) : slow;
    }

    /// <summary>Whether the client said that brokers were away, or time went by: it may have asked twice then, and one of the two may still be under way.</summary>
    /// <remarks>It says nothing where one connection of several ends and comes back at once; state then rests on cursors and contained offsets alone.</remarks>
    private bool MayHaveBeenRetried(TimeSpan took) => _disturbed || took > _slow;

    /// <summary>Rolls back; false where that failed, or where another request to roll back may still be under way.</summary>
    private bool TryAbort(Patience patience)
    {
        try
        {
            counts.Aborts++;
            patience.Beat();
            var begin = clock.GetTimestamp();
            _sending = true;

            // without a limit it waits for a coordinator that may never answer this producer; a new one fences what is left
            _producer!.AbortTransaction(ShortWait);
            return !MayHaveBeenRetried(clock.GetElapsedTime(begin));
        }
        catch (KafkaException exception)
        {
            log.LogWarning(LogEvents.AbortFailed, "abort failed: {Reason}", exception.Error.Reason);
            return false;
        }
        finally
        {
            _sending = false;
        }
    }

    /// <summary>Throws the producer away and looks up whether its last transaction counts; true where it does.</summary>
    /// <exception cref="OwnershipLostException">Nobody says.</exception>
    private bool Recycle(IReadOnlyList<TopicPartitionOffset> offsets, IConsumer<byte[], byte[]> consumer, Patience patience)
    {
        counts.Recycles++;
        Dispose();
        Open(patience);
        if (offsets.Count == 0)
        {
            return false;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return IsCommitted(offsets, consumer.Committed(offsets.Select(static offset => offset.TopicPartition), ShortWait));
            }
            catch (KafkaException exception) when (attempt < MostLookUps)
            {
                ThrowIfDenied(exception.Error);
                access.ThrowIfRefused();
                patience.Failed("committed offsets", exception.Error);
            }
            catch (KafkaException exception)
            {
                // brokers answer, the coordinator not this member: here nobody polls, so that what the client has to say of its membership is never heard
                throw new OwnershipLostException($"committed offsets cannot be read: {exception.Error.Reason} ({exception.Error.Code})");
            }
        }
    }

    /// <summary>Whether the group's offsets are those of the transaction; they moved together or not at all.</summary>
    /// <exception cref="OwnershipLostException">One lies beyond: another member has gone on from there, and what is ours no longer.</exception>
    internal static bool IsCommitted(IReadOnlyList<TopicPartitionOffset> sent, IReadOnlyList<TopicPartitionOffset> found)
    {
        var reached = 0;
        for (var i = 0; i < sent.Count; i++)
        {
            if (found[i].Offset.Value > sent[i].Offset.Value)
            {
                throw new OwnershipLostException(
                    $"the group's offset of {sent[i].TopicPartition} is {found[i].Offset}, beyond {sent[i].Offset} sent from here");
            }

            reached += found[i].Offset.Value == sent[i].Offset.Value ? 1 : 0;
        }

        return reached == sent.Count;
    }

    /// <summary>A right is missing: the membership ends, and the rights are asked for until they are there.</summary>
    private void ThrowIfDenied(Error error)
    {
        if (_denied is { } denied)
        {
            throw new AccessRefusedException(NeededAcls.Denied(denied));
        }

        if (Faults.IsDenied(error.Code))
        {
            throw new AccessRefusedException(NeededAcls.Denied(
                error.Code == ErrorCode.TransactionalIdAuthorizationFailed ? $"Write on transactional id {transactionalId}" : error.Reason));
        }
    }

    private void Note(Error error, Patience patience)
    {
        access.Note(error);
        _disturbed |= _sending;
        if (error.Code == ErrorCode.Local_AllBrokersDown && _sending)
        {
            // a commit may block for a minute before it fails: said now
            patience.Notice("commit", $"{error.Reason} ({error.Code})");
        }

        if (error.IsFatal)
        {
            log.LogWarning(LogEvents.ProducerSays, "producer: {Reason} ({Code})", error.Reason, error.Code);
        }
    }
}
