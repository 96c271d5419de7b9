namespace Streaming.Host;

/// <summary>Which row a value came from, where rows without a value lie between. Grows only with the number of gaps.</summary>
internal sealed class RowNumbers
{
    private readonly List<long> _firstValues = [];
    private readonly List<long> _firstRows = [];
    private long _lastRow = long.MinValue;

    /// <summary>Values noted.</summary>
    public long Count { get; private set; }

    /// <summary>Notes the row of the next value.</summary>
    public void Add(long row)
    {
        if (row != _lastRow + 1)
        {
            _firstValues.Add(Count);
            _firstRows.Add(row);
        }

        _lastRow = row;
        Count++;
    }

    /// <summary>Row of a value, counted from 0.</summary>
    public long RowOf(long value)
    {
        var run = _firstValues.BinarySearch(value);
        run = run < 0 ? ~run - 1 : run;
        return _firstRows[run] + value - _firstValues[run];
    }
}
