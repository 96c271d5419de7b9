namespace Streaming.Host;

/// <summary>Lets so many steps a second pass; what was lost to a pause is made up.</summary>
/// <param name="perSecond">Steps a second.</param>
/// <param name="time">The clock.</param>
/// <param name="wait">Waits for a span.</param>
internal sealed class Pace(double perSecond, TimeProvider time, Action<TimeSpan> wait)
{
    // shorter waits last longer than they should
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private long _start;
    private long _steps;

    /// <summary>Waits until the next step is due.</summary>
    public void Next()
    {
        if (_steps == 0)
        {
            _start = time.GetTimestamp();
        }

        var ahead = TimeSpan.FromSeconds(_steps++ / perSecond) - time.GetElapsedTime(_start);
        if (ahead >= ShortestWait)
        {
            wait(ahead);
        }
    }
}
