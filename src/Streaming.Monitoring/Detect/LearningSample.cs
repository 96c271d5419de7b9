using Streaming.Drift;

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

    public void Save(ref StateWriter writer)
    {
        writer.Count(_stride);
        writer.Count(_skip);
        writer.Count(Observed);
        writer.Write(Values);
    }

    public void Load(ref StateReader reader)
    {
        (_stride, _skip, Observed) = ((int)reader.Count(), (int)reader.Count(), reader.Count());
        var count = reader.Int32();
        if (_stride < 1 || _skip < 0 || _skip >= _stride || count < 0 || count > Math.Min(Capacity, reader.Remaining / 8))
        {
            throw reader.Broken($"at most {Math.Min(Capacity, reader.Remaining / 8)} values, one of a stride", $"{count} with {_skip} of {_stride} to skip");
        }

        _values = new double[Math.Max(count, 64)];
        for (Count = 0; Count < count; Count++)
        {
            _values[Count] = reader.Double();
        }
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
