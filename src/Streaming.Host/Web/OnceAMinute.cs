namespace Streaming.Host;

/// <summary>Lets a log line through once a minute: whoever asks again and again must not fill the log too. Any thread may ask.</summary>
internal sealed class OnceAMinute
{
    private const long Minute = 60_000;

    private long _at = long.MinValue;

    /// <summary>Whether the line is due; if so, the next one is in a minute.</summary>
    public bool IsDue()
    {
        var (now, before) = (Environment.TickCount64, Interlocked.Read(ref _at));
        return (before == long.MinValue || now - before > Minute) && Interlocked.CompareExchange(ref _at, now, before) == before;
    }
}
