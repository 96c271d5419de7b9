namespace Streaming.Monitoring;

/// <summary>Values in order of arrival, thinned evenly and deterministically when there are too many to keep.</summary>
internal sealed class LearningSample(int capacity = LearningSample.Capacity)
{
    /// <summary>Values kept at most unless told otherwise; thinning leaves at least half of them.</summary>
    public const int Capacity = 4_000;

    private double[] _values = new double[64];
    private int _stride = 1;
    private int _skip;

    /// <summary>Values seen.</summary>
    public long Observed { get; private set; }

    /// <summary>Values kept.</summary>
    public int Count { get; private set; }

    /// <summary>The kept values, oldest first.</summary>
    public Span<double> Values => _values.AsSpan(0, Count);

    public void Add(double value)
    {
        Observed++;
        if (_skip-- > 0)
        {
            return;
        }

        if (Count == _values.Length)
        {
            if (Count < capacity)
            {
                Array.Resize(ref _values, Math.Min(capacity, Count * 2));
            }
            else
            {
                Thin();
            }
        }

        _values[Count++] = value;
        _skip = _stride - 1;
    }

    private void Thin()
    {
        for (var i = 0; i < Count / 2; i++)
        {
            _values[i] = _values[2 * i];
        }

        Count /= 2;
        _stride *= 2;
    }
}
