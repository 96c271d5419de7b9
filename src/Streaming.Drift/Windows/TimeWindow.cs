namespace Streaming.Drift;

/// <summary>The values of the last stretch of event time, always readable as one contiguous span.</summary>
/// <remarks>
/// Holds the values whose time lies less than the length before the greatest time seen, oldest first, equal times in the order of arrival. A late value goes to its place; one that is too late is refused.
/// At most the capacity is kept: beyond it the oldest leaves early and is counted. Adding in order costs O(1) on average, late by k values O(k); nothing is allocated after construction.
/// </remarks>
public sealed class TimeWindow
{
    private readonly long[] _times;
    private readonly double[] _values;
    private int _first;

    /// <summary>An empty window.</summary>
    /// <param name="length">Stretch of time that is kept, in the unit of the times; at least 1.</param>
    /// <param name="capacity">Values kept at most, at least 1.</param>
    public TimeWindow(long length, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Array.MaxLength / 2);
        (Length, Capacity) = (length, capacity);
        (_times, _values) = (new long[2 * capacity], new double[2 * capacity]);
    }

    /// <summary>Stretch of time that is kept.</summary>
    public long Length { get; }

    /// <summary>Values kept at most.</summary>
    public int Capacity { get; }

    /// <summary>Values held now.</summary>
    public int Count { get; private set; }

    /// <summary>Greatest time seen.</summary>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Values that left early because there was no room.</summary>
    public long Displaced { get; private set; }

    /// <summary>The values, oldest first; valid until the next call that changes the window.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(_first, Count);

    /// <summary>Their times.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(_first, Count);

    /// <summary>Adds one value.</summary>
    /// <returns>False where it is too late to be kept.</returns>
    public bool Add(long time, double value)
    {
        Advance(time);
        if (IsPast(time) || (Count == Capacity && time < _times[_first]))
        {
            Displaced += IsPast(time) ? 0 : 1;
            return false;
        }

        if (Count == Capacity)
        {
            RemoveFirst();
            Displaced++;
        }

        if (_first + Count == _times.Length)
        {
            Times.CopyTo(_times);
            Values.CopyTo(_values);
            _first = 0;
        }

        var at = _first + Count++;
        for (; at > _first && _times[at - 1] > time; at--)
        {
            (_times[at], _values[at]) = (_times[at - 1], _values[at - 1]);
        }

        (_times[at], _values[at]) = (time, value);
        return true;
    }

    /// <summary>Lets time pass without a value.</summary>
    public void Advance(long time)
    {
        Watermark = Math.Max(Watermark, time);
        while (Count > 0 && IsPast(_times[_first]))
        {
            RemoveFirst();
        }
    }

    /// <summary>Writes watermark, count of the displaced, times and values.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Watermark);
        writer.Write(Displaced);
        writer.Write(Values);
        foreach (var time in Times)
        {
            writer.Write(time);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote; the window must have room for it.</summary>
    /// <exception cref="InvalidDataException">More values than this window can keep.</exception>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Watermark, Displaced, _first) = (reader.Int64(), reader.Int64(), 0);
        Count = reader.Doubles(_values.AsSpan(0, Capacity));
        for (var i = 0; i < Count; i++)
        {
            _times[i] = reader.Int64();
        }
    }

    // written so that neither end of the number range overflows
    private bool IsPast(long time) => (ulong)Watermark - (ulong)time >= (ulong)Length;

    private void RemoveFirst()
    {
        _first++;
        Count--;
    }
}
