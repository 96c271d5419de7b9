namespace Streaming.Drift;

/// <summary>Counts of a sliding window in the bins of a reference: the distances over counts at O(1) per event, whatever the window's length.</summary>
/// <remarks>A value that comes or goes changes one count. The counts are those that the whole window would give, so a distance of them has the bits of the batch value.</remarks>
public sealed class BinnedWindow
{
    private readonly double[] _edges;
    private readonly long[] _reference;
    private readonly long[] _counts;
    private readonly SlidingWindow _window;

    /// <summary>An empty window.</summary>
    /// <param name="reference">Its quantiles cut the bins; at least one value.</param>
    /// <param name="capacity">Values kept, at least 1.</param>
    /// <param name="bins">2 to 1,000, default 10.</param>
    public BinnedWindow(PreparedReference reference, int capacity, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfZero(reference.Count, nameof(reference));
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, 1_000);
        (_edges, _reference) = reference.QuantileBins(bins);
        (_counts, _window) = (new long[_reference.Length], new SlidingWindow(capacity));
    }

    /// <summary>Values held now.</summary>
    public int Count => _window.Count;

    /// <summary>The reference's count of each bin.</summary>
    public ReadOnlySpan<long> Reference => _reference;

    /// <summary>The window's count of each bin: for <c>OfCounts</c> of any distance over counts.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Adds one value; the oldest leaves when the window is full. NaN and infinities are passed over.</summary>
    /// <returns>Whether the value was finite.</returns>
    public bool Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return false;
        }

        if (_window.Add(value, out var left))
        {
            _counts[Bins.Bin(_edges, left)]--;
        }

        _counts[Bins.Bin(_edges, value)]++;
        return true;
    }

    /// <summary>Writes the values, oldest first; the reference is not part of it.</summary>
    public void Save(ref StateWriter writer) => _window.Save(ref writer);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">More values than this window can keep.</exception>
    public void Load(ref StateReader reader)
    {
        _window.Load(ref reader);
        Bins.Count(_window.Values, _edges, _counts);
    }
}
