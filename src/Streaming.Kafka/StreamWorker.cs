using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>The loop around one stage: poll, queue, process, produce, commit.</summary>
/// <remarks>One consumer, one transactional producer, one thread. To scale, run more of them: partitions move. Stages of one process share a gate.</remarks>
public sealed class StreamWorker(KafkaOptions options, StageRole role, IStage stage, Telemetry telemetry, ILogger log, TimeProvider clock, AccessGate? gate = null)
{
    // below what an orchestrator takes for ready though brokers are away, above the pauses between commits and questions
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(300);

    // nothing that blocks takes longer than a transaction may
    private readonly TimeSpan _stuck = TimeSpan.FromTicks(Math.Max(TimeSpan.FromSeconds(60).Ticks, 2 * options.TransactionTimeout.Ticks));
    private readonly string _name = role.ToString().ToLowerInvariant();
    private readonly Topics _topics = new(options.Prefix);
    private readonly string _transactionalId = NeededAcls.TransactionalIds(options, role) + SlotOf(options);
    private readonly WorkerCounts _counts = new();
    private readonly AccessGate _gate = gate ?? new(clock);
    private string? _refused;
    private bool _saidDurability;
    private long _beat = clock.GetTimestamp();

    /// <summary>Whether the loop turns.</summary>
    public bool Live => clock.GetElapsedTime(Volatile.Read(ref _beat)) < _stuck;

    /// <summary>Whether it is a member of its group, has brought back all that it was assigned, and commits.</summary>
    public bool Ready => telemetry.Latest(role) is { Ready: true } latest && clock.GetElapsedTime(latest.Contact) < Silent && Live;

    /// <summary>Runs until the stop is asked for; then closes what is open, commits and leaves the group.</summary>
    /// <exception cref="WorkerFailedException">Nothing here can mend what happened; the message is for the operator.</exception>
    public void Run(CancellationToken stop)
    {
        var patience = new Patience(_name, log, clock, Beat, stop);
        telemetry.Watch(role, () => Ready);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var layout = WaitForTopics(patience);
                try
                {
                    using var session = new WorkerSession(options, role, stage, layout, _transactionalId, _counts, telemetry, log, clock);
                    session.Run(patience, Beat, stop);
                    return;
                }
                catch (AccessRefusedException refused)
                {
                    // what is missing is asked for before the next membership begins, and said there with more exact words
                    _refused = refused.Message;
                    telemetry.Publish(role, telemetry.Latest(role) with { Ready = false });
                }
                catch (OwnershipLostException lost)
                {
                    // what this worker remembers may be another one's by now: begin again at the committed offsets
                    log.LogWarning(LogEvents.PartitionsLost, "{Stage}: partitions lost, beginning anew at the committed offsets: {Reason}", _name, lost.Message);
                    telemetry.Publish(role, telemetry.Latest(role) with { Ready = false });
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.LogInformation(LogEvents.Stopped, "{Stage}: stopped while Kafka was out of reach", _name);
        }
        finally
        {
            telemetry.Publish(role, telemetry.Latest(role) with { Ready = false });
        }
    }

    private static string SlotOf(KafkaOptions options)
    {
        if (options.Slot is { Length: > 0 } slot)
        {
            return slot;
        }

        var host = Environment.MachineName;
        var ordinal = host[(host.LastIndexOf('-') + 1)..];
        var inCluster = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is not null;
        return inCluster && ordinal.Length > 0 && ordinal.All(char.IsAsciiDigit) ? ordinal : Guid.NewGuid().ToString("N")[..12];
    }

    private void Beat() => Volatile.Write(ref _beat, clock.GetTimestamp());

    private Layout WaitForTopics(Patience patience)
    {
        while (true)
        {
            try
            {
                var layout = _gate.Ask(patience, Ask);
                if (_refused is { } refused)
                {
                    _refused = null;
                    patience.Refused(refused);
                    continue;
                }

                patience.Succeeded();
                return layout;
            }
            catch (AccessRefusedException refused)
            {
                _refused = null;
                patience.Refused(refused.Message);
            }
            catch (MissingTopicException missing)
            {
                patience.Failed("start", missing.Message);
            }
            catch (KafkaException exception) when (!Faults.EndsProcess(exception.Error.Code))
            {
                patience.Failed("start", exception.Error);
            }
            catch (KafkaException exception)
            {
                throw new WorkerFailedException($"Kafka refuses this client: {exception.Error.Reason} ({exception.Error.Code})", exception);
            }
        }
    }

    /// <summary>The topics, from brokers that let this client in and grant it what it needs.</summary>
    private Layout Ask()
    {
        var access = new Access();
        using var admin = KafkaProperties.Admin(options, access.Note);
        try
        {
            Greet(admin, access);
            var layout = _topics.Find(admin, role, options);
            RequireGroup(layout);
            SayDurability(admin, layout);
            return layout;
        }
        catch (KafkaException)
        {
            // a client that is not let in says of its requests only that they took too long
            access.ThrowIfRefused();
            throw;
        }
    }

    /// <summary>Waits until a broker lets this client in, and no longer than until one refuses.</summary>
    private void Greet(IAdminClient admin, Access access)
    {
        if (options.IsEmbedded)
        {
            return;
        }

        var begin = clock.GetTimestamp();
        while (true)
        {
            try
            {
                // a client must not be thrown away while it waits for the answer to a request of an administrator; metadata may be given up
                admin.GetMetadata(Glance);
                return;
            }
            catch (KafkaException) when (clock.GetElapsedTime(begin) < AskTimeout)
            {
                access.ThrowIfRefused();
            }
        }
    }

    /// <summary>Asked by a consumer that never joins: an administrator's question about a group that no broker knows yet can end the native client.</summary>
    private void RequireGroup(Layout layout)
    {
        if (options.IsEmbedded)
        {
            return;
        }

        var group = NeededAcls.Group(options, role);
        try
        {
            using var consumer = KafkaProperties.Built(
                options, () => new ConsumerBuilder<byte[], byte[]>(KafkaProperties.Reader(options, group)).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build());
            consumer.Committed([Contact.Anywhere(layout.Inputs[0], options)], AskTimeout);
        }
        catch (KafkaException exception) when (Faults.IsDenied(exception.Error.Code))
        {
            throw new AccessRefusedException(NeededAcls.Denied($"Read on group {group}"));
        }
    }

    /// <summary>Says once what acknowledged data a lost broker could take with it.</summary>
    private void SayDurability(IAdminClient admin, Layout layout)
    {
        if (_saidDurability || options.IsEmbedded)
        {
            return;
        }

        _saidDurability = true;
        try
        {
            if (TopicChecks.NotDurable(admin, layout.Topics) is { } topics)
            {
                log.LogWarning(
                    LogEvents.NotDurable, "{Stage}: acknowledged records may be lost with one broker: {Topics}; 3 replicas and min.insync.replicas 2 keep them (driftd topics check)",
                    _name, topics);
            }
        }
        catch (KafkaException exception)
        {
            log.LogInformation(LogEvents.DurabilityNotKnown, "{Stage}: whether topics survive the loss of a broker was not checked: {Reason}", _name, exception.Error.Reason);
        }
    }
}
