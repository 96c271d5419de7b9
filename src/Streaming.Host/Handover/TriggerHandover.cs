using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>From the trigger topic to a receiver until told to stop: at least once, in order per model, failures tried again without end.</summary>
internal sealed class TriggerHandover(TriggerFeed feed, ITriggerReceiver receiver, int parallel, ILogger log, TimeProvider clock)
{
    // beyond this many that wait nothing more is fetched
    private const int MostWaiting = 1_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly HandoverSchedule _schedule = new(parallel);
    private readonly ConcurrentQueue<(Trigger Trigger, Refusal? Refusal)> _ended = new();
    private readonly List<Task> _running = [];
    private readonly long _start = clock.GetTimestamp();

    private TimeSpan Now => clock.GetElapsedTime(_start);

    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            feed.Pause(_schedule.Waiting >= MostWaiting);
            if (feed.Poll(_schedule.Waiting > 0 ? Wait / 4 : Wait) is { } record)
            {
                Take(record);
            }

            End();
            Start(stop);
        }

        // what was cancelled is handed over again by the next run
        Task.WaitAll([.. _running], CancellationToken.None);
        End();
    }

    private void Take(TriggerRecord record)
    {
        if (Trigger.Of(record) is { } trigger)
        {
            _schedule.Add(trigger);
            return;
        }

        log.LogWarning(LogEvents.NoTrigger, "no trigger, passed over: partition {Partition}, offset {Offset}", record.Partition, record.Offset);
        feed.Done(record);
    }

    private void Start(CancellationToken stop)
    {
        while (_schedule.Next(Now) is { } trigger)
        {
            _running.Add(Task.Factory.StartNew(() => Deliver(trigger, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    private void Deliver(Trigger trigger, CancellationToken stop)
    {
        try
        {
            _ended.Enqueue((trigger, receiver.Deliver(trigger, stop)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.LogInformation(LogEvents.HandoverStopped, "stopped while {Model} {Id} was handed over: it is handed over again at the next start", trigger.Model, trigger.Id);
        }
    }

    private void End()
    {
        foreach (var failed in _running.Where(static task => task.IsFaulted).ToArray())
        {
            failed.GetAwaiter().GetResult();
        }

        _running.RemoveAll(static task => task.IsCompleted);
        while (_ended.TryDequeue(out var ended))
        {
            var (trigger, refusal) = ended;
            if (refusal is null)
            {
                _schedule.Delivered(trigger);
                feed.Done(trigger.Record);
                log.LogInformation(LogEvents.HandedOver, "handed over: {Model} {Version} {Id}: {Reason}", trigger.Model, trigger.Version, trigger.Id, trigger.Reason);
                continue;
            }

            var (wait, failures) = _schedule.Refused(trigger, refusal.RetryAfter, Now);
            log.LogWarning(
                LogEvents.NotTaken, "not taken, again in {Seconds:0} s (failure {Failures}): {Model} {Id}: {Reason}", wait.TotalSeconds, failures, trigger.Model, trigger.Id,
                refusal.Reason);
        }
    }
}
