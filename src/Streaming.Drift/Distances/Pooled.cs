namespace Streaming.Drift;

/// <summary>Walks through the values of two sorted samples together, one stop for each distinct value.</summary>
internal ref struct Pooled(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
{
    private readonly ReadOnlySpan<double> _first = first;
    private readonly ReadOnlySpan<double> _second = second;

    /// <summary>The value of this stop.</summary>
    public double Value { get; private set; }

    /// <summary>How many of the first sample have it.</summary>
    public int InFirst { get; private set; }

    /// <summary>How many of the second sample have it.</summary>
    public int InSecond { get; private set; }

    /// <summary>How many of the first sample are less or equal.</summary>
    public int First { get; private set; }

    /// <summary>How many of the second sample are less or equal.</summary>
    public int Second { get; private set; }

    /// <summary>Goes to the next value; false at the end.</summary>
    public bool Next()
    {
        var (i, j) = (First, Second);
        if (i == _first.Length && j == _second.Length)
        {
            return false;
        }

        Value = i == _first.Length ? _second[j] : j == _second.Length ? _first[i] : Math.Min(_first[i], _second[j]);
        while (i < _first.Length && _first[i] == Value)
        {
            i++;
        }

        while (j < _second.Length && _second[j] == Value)
        {
            j++;
        }

        (InFirst, InSecond, First, Second) = (i - First, j - Second, i, j);
        return true;
    }

    /// <summary>Measures two samples in order; NaN where one holds no finite value. NaN and infinities are left out and counted.</summary>
    public static DistanceResult OfSamples(string name, PreparedReference reference, ReadOnlySpan<double> current, Func<PreparedReference, SortedSample, DistanceResult> measure)
    {
        var sorted = new SortedSample(current);
        var ignored = reference.Ignored + sorted.Ignored;
        return reference.Count == 0 || sorted.Count == 0
            ? new DistanceResult(name, double.NaN, null, ignored)
            : measure(reference, sorted) with { Ignored = ignored };
    }
}
