namespace Streaming.Drift;

/// <summary>The last n values of a stream, always readable as one contiguous span.</summary>
/// <remarks>Each value is written twice, n places apart, so that the newest n always lie side by side somewhere: adding costs the
/// same every time, nothing is ever moved, nothing allocated after construction. Oldest first.</remarks>
public sealed class SlidingWindow
{
    private readonly double[] _twice;
    private int _next; // where the next value goes; also the oldest one once the window is full

    /// <summary>An empty window.</summary>
    /// <param name="capacity">Values kept (n), at least 1.</param>
    public SlidingWindow(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Array.MaxLength / 2);
        (Capacity, _twice) = (capacity, new double[2 * capacity]);
    }

    /// <summary>Values kept at most.</summary>
    public int Capacity { get; }

    /// <summary>Values held now.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the next value pushes one out.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>The values, oldest first; valid until the next call that changes the window.</summary>
    public ReadOnlySpan<double> Values => _twice.AsSpan(IsFull ? _next : 0, Count);

    /// <summary>Adds one value; the oldest leaves when the window is full.</summary>
    public void Add(double value)
    {
        _twice[_next] = value;
        _twice[_next + Capacity] = value;
        _next = _next + 1 == Capacity ? 0 : _next + 1;
        Count += IsFull ? 0 : 1;
    }

    /// <summary>Adds one value; says which one left.</summary>
    /// <param name="value">The newest value.</param>
    /// <param name="left">The value pushed out; 0 where none was.</param>
    /// <returns>Whether a value was pushed out.</returns>
    public bool Add(double value, out double left)
    {
        var full = IsFull;
        left = full ? _twice[_next] : 0;
        Add(value);
        return full;
    }

    /// <summary>Forgets all but the newest <paramref name="count"/> values.</summary>
    public void KeepNewest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);

        // where the newest lie side by side depends on the window being full; here they go to the front
        Values[^count..].CopyTo(_twice);
        _twice.AsSpan(0, count).CopyTo(_twice.AsSpan(Capacity));
        (_next, Count) = (count % Capacity, count);
    }

    /// <summary>Forgets all values.</summary>
    public void Clear() => (_next, Count) = (0, 0);

    /// <summary>Writes the values, oldest first.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Values);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; the window must have room for it.</summary>
    /// <exception cref="InvalidDataException">More values than this window can keep.</exception>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        var count = reader.Doubles(_twice.AsSpan(0, Capacity));
        _twice.AsSpan(0, count).CopyTo(_twice.AsSpan(Capacity));
        (_next, Count) = (count % Capacity, count);
    }
}
