namespace Streaming.Kafka;

/// <summary>When the state of a partition's monitors is due: half a minute or 100,000 records after the first change that it lacks.</summary>
/// <remarks>Half of what is promised (a minute, 200,000 records), so that the trickle has as long again to write what is due.</remarks>
internal sealed class SaveSchedule(TimeProvider clock)
{
    private const long DueAfterRecords = 100_000;

    private static readonly TimeSpan DueAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly Queue<(long At, long Offset)> _marks = new();
    private long _lastMark = long.MinValue;
    private long _past;

    /// <summary>Notes how far the partition has come; returns the offset before which what is not saved is due.</summary>
    public long Due(long next)
    {
        var now = clock.GetTimestamp();
        if (_lastMark == long.MinValue || clock.GetElapsedTime(_lastMark, now) >= Step)
        {
            _marks.Enqueue((now, next));
            _lastMark = now;
        }

        while (_marks.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At, now) >= DueAfter)
        {
            _past = _marks.Dequeue().Offset;
        }

        return Math.Max(_past, next - DueAfterRecords);
    }
}
