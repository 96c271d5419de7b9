namespace Streaming.Drift;

/// <summary>A sample's finite values in ascending order.</summary>
internal sealed class SortedSample
{
    private readonly double[] _values;

    /// <summary>Copies and sorts; NaN and infinities are left out.</summary>
    public SortedSample(ReadOnlySpan<double> sample)
    {
        _values = new double[sample.Length];
        foreach (var value in sample)
        {
            if (double.IsFinite(value))
            {
                _values[Count++] = value;
            }
        }

        Ignored = sample.Length - Count;
        _values.AsSpan(0, Count).Sort();
    }

    /// <summary>Number of finite values.</summary>
    public int Count { get; private set; }

    /// <summary>Number of values left out.</summary>
    public int Ignored { get; }

    /// <summary>The values, least first.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>The value below which a share of the sample lies; between order statistics linear, as numpy's default.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        var position = share * (Count - 1);
        var below = Math.Min((int)position, Count - 1);
        var (low, high) = (_values[below], _values[Math.Min(below + 1, Count - 1)]);
        var fraction = position - below;
        return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
    }

    /// <summary>How many values lie in each of the bins e₀ ≤ x &lt; e₁ … whose inner edges are given; the outer bins are open.</summary>
    /// <param name="edges">Ascending; one fewer than bins.</param>
    /// <param name="counts">Receives the counts.</param>
    public void CountInto(ReadOnlySpan<double> edges, Span<long> counts)
    {
        var next = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            var from = next;
            while (next < Count && (bin == edges.Length || _values[next] < edges[bin]))
            {
                next++;
            }

            counts[bin] = next - from;
        }
    }
}
