using Microsoft.Extensions.Logging;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>The roles of this process, a thread each.</summary>
internal sealed class Workers(DriftdOptions options, Telemetry telemetry, ILogger log) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<StreamWorker> _workers = Of(options, telemetry, log);
    private readonly List<Task> _running = [];

    /// <summary>Whether every loop turns.</summary>
    public bool Live => _workers.TrueForAll(static worker => worker.Live);

    /// <summary>Whether every worker is a member of its group and commits.</summary>
    public bool Ready => _workers.TrueForAll(static worker => worker.Ready);

    public void Start()
    {
        foreach (var worker in _workers)
        {
            _running.Add(Task.Factory.StartNew(
                () => worker.Run(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    /// <summary>Waits until a worker has ended by itself, or the stop is asked for.</summary>
    public async Task EndedOr(CancellationToken stop)
    {
        var asked = new TaskCompletionSource();
        using var registration = stop.Register(asked.SetResult);
        await Task.WhenAny([.. _running, asked.Task]).ConfigureAwait(false);
    }

    /// <summary>Lets every worker finish.</summary>
    /// <exception cref="WorkerFailedException">One failed, or did not finish in time.</exception>
    public async Task Stop(TimeSpan deadline)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_running).WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw Failure() ?? new WorkerFailedException(
                $"not stopped within {deadline.TotalSeconds:0.0} s; what was not committed is read again at the next start", exception);
        }
        catch (Exception) when (Failure() is { } failure)
        {
            throw failure;
        }
    }

    public void Dispose() => _stop.Dispose();

    private static List<StreamWorker> Of(DriftdOptions options, Telemetry telemetry, ILogger log)
    {
        var (monitoring, gate) = (options.ForStages(), new AccessGate(TimeProvider.System));
        var commands = new Topics(options.Kafka.Prefix).Commands;
        return
        [
            .. options.Roles.Select(role => new StreamWorker(options.Kafka, role, StageOf(role, monitoring, commands), telemetry, log, TimeProvider.System, gate)),
        ];
    }

    private static IStage StageOf(StageRole role, MonitoringOptions monitoring, string commands) =>
        role == StageRole.Detect ? new DetectStage(monitoring, commands) : new DecideStage(monitoring);

    private WorkerFailedException? Failure()
    {
        if (_running.Find(static task => task.IsFaulted)?.Exception?.InnerException is not { } exception)
        {
            return null;
        }

        if (exception is WorkerFailedException known)
        {
            return known;
        }

        log.LogCritical(LogEvents.OwnFault, exception, "a fault of driftd itself");
        return new WorkerFailedException($"a fault of driftd itself: {exception.GetType().Name}: {exception.Message}", exception);
    }
}
