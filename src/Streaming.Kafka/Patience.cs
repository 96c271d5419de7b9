using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>Waits longer from failure to failure, and says so: once when things begin to fail, once for each other reason, and when they work again.</summary>
internal sealed class Patience(string stage, ILogger log, TimeProvider clock, Action beat, CancellationToken stop)
{
    private const int MostReasons = 8;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private TimeSpan _next = First;
    private long _since;
    private volatile bool _isFailing;
    private string? _refusal;

    /// <summary>Something that failed has not worked since. Any thread may ask.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Says that the loop is alive, before something that may block.</summary>
    public void Beat() => beat();

    /// <summary>Notes a failure, then waits.</summary>
    /// <exception cref="OperationCanceledException">The stop was asked for meanwhile.</exception>
    public void Failed(string what, Error error) => Failed(what, $"{error.Reason} ({error.Code})");

    /// <summary>Notes a failure, then waits.</summary>
    /// <exception cref="OperationCanceledException">The stop was asked for meanwhile.</exception>
    public void Failed(string what, string reason)
    {
        Notice(what, reason);
        var wait = _next;
        _next = TimeSpan.FromTicks(Math.Min(Longest.Ticks, _next.Ticks * 2));
        Wait(wait);
    }

    /// <summary>Notes that Kafka does not let this client in, once for each reason, then waits.</summary>
    /// <exception cref="OperationCanceledException">The stop was asked for meanwhile.</exception>
    public void Refused(string reason)
    {
        lock (_lock)
        {
            // a new reason is said though others were: what was said of brokers that are away does not tell the operator what to mend
            _isFailing &= _refusal == reason;
            _since = _refusal is null ? clock.GetTimestamp() : _since;
            _refusal = reason;
        }

        Failed("access", reason);
    }

    /// <summary>Notes a failure. Any thread may, while the loop waits for the client.</summary>
    public void Notice(string what, string reason)
    {
        lock (_lock)
        {
            if (!_isFailing)
            {
                (_isFailing, _since) = (true, _refusal is null ? clock.GetTimestamp() : _since);
                _said.Clear();
                _said.Add(reason);
                log.LogWarning(LogEvents.Failing, "{Stage}: {What} failing, retrying: {Reason}", stage, what, reason);
            }
            else if (_said.Count < MostReasons && _said.Add(reason))
            {
                // what holds up the return may be another thing than what began it
                log.LogInformation(LogEvents.StillFailing, "{Stage}: {What} still failing, now: {Reason}", stage, what, reason);
            }
        }
    }

    /// <summary>Things work.</summary>
    public void Succeeded()
    {
        lock (_lock)
        {
            if (_isFailing)
            {
                log.LogInformation(LogEvents.WorksAgain, "{Stage}: works again after {Seconds:0.0} s", stage, clock.GetElapsedTime(_since).TotalSeconds);
            }

            (_isFailing, _next, _refusal) = (false, First, null);
        }
    }

    /// <summary>Waits, or until the stop is asked for.</summary>
    /// <exception cref="OperationCanceledException">The stop was asked for.</exception>
    public void Wait(TimeSpan time)
    {
        beat();
        stop.WaitHandle.WaitOne(time);
        stop.ThrowIfCancellationRequested();
    }
}
