namespace Streaming.Monitoring;

/// <summary>Labels against predictions by class, and labels against the label before: all that accuracy and its kin need.</summary>
/// <remarks>Class 0 is all classes beyond the first <see cref="Most"/> that were met: they are one class, yet right and wrong are told apart.</remarks>
internal sealed class ClassCounts
{
    /// <summary>Classes that are counted one by one.</summary>
    public const int Most = 32;

    /// <summary>Bytes of a name beyond which a class is not counted by itself.</summary>
    public const int LongestName = 128;

    private readonly List<byte[]> _names = [];
    private int _stride = 4;
    private long[] _cells = new long[16];
    private long[] _last = new long[16];

    /// <summary>Classes, with the one of all others.</summary>
    public int Classes => _names.Count + 1;

    public long Count { get; set; }

    public long Right { get; set; }

    /// <summary>Labels that had one before them on their partition.</summary>
    public long LastCount { get; set; }

    /// <summary>Those that were the same as the one before.</summary>
    public long LastRight { get; set; }

    /// <summary>Of <see cref="LastCount"/>, those where the prediction was right and the label before another.</summary>
    public long OnlyModelRight { get; set; }

    /// <summary>Of <see cref="LastCount"/>, those where the prediction was wrong and the label before the same.</summary>
    public long OnlyLastRight { get; set; }

    /// <summary>Name of a class; that of the others is empty.</summary>
    public ReadOnlySpan<byte> Name(int index) => index == 0 ? default : _names[index - 1];

    /// <summary>Events of this label and prediction.</summary>
    public ref long Cell(int label, int prediction) => ref _cells[(label * _stride) + prediction];

    /// <summary>Events of this label and label before.</summary>
    public ref long Last(int label, int before) => ref _last[(label * _stride) + before];

    /// <summary>The class of this name; a new one is added while there is room.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _names.Count; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i + 1;
            }
        }

        if (_names.Count == Most || name.Length is 0 or > LongestName)
        {
            return 0;
        }

        _names.Add(name.ToArray());
        if (_names.Count == _stride)
        {
            var stride = Math.Min(_stride * 2, Most + 1);
            (_cells, _last, _stride) = (Widen(_cells, stride), Widen(_last, stride), stride);
        }

        return _names.Count;
    }

    public void Add(int label, int prediction, bool right)
    {
        Cell(label, prediction)++;
        Count++;
        Right += right ? 1 : 0;
    }

    public void AddLast(int label, int before, bool lastRight, bool modelRight)
    {
        Last(label, before)++;
        LastCount++;
        LastRight += lastRight ? 1 : 0;
        OnlyModelRight += modelRight && !lastRight ? 1 : 0;
        OnlyLastRight += lastRight && !modelRight ? 1 : 0;
    }

    public void Add(ClassCounts other)
    {
        for (var label = 0; label < other.Classes; label++)
        {
            for (var prediction = 0; prediction < other.Classes; prediction++)
            {
                if ((other.Cell(label, prediction), other.Last(label, prediction)) is (var cell, var last) && cell + last > 0)
                {
                    var (row, column) = (IndexOf(other.Name(label)), IndexOf(other.Name(prediction)));
                    Cell(row, column) += cell;
                    Last(row, column) += last;
                }
            }
        }

        (Count, Right, LastCount, LastRight) = (Count + other.Count, Right + other.Right, LastCount + other.LastCount, LastRight + other.LastRight);
        (OnlyModelRight, OnlyLastRight) = (OnlyModelRight + other.OnlyModelRight, OnlyLastRight + other.OnlyLastRight);
    }

    /// <summary>Sets all counts to 0; the classes stay.</summary>
    public void Clear()
    {
        Array.Clear(_cells);
        Array.Clear(_last);
        (Count, Right, LastCount, LastRight, OnlyModelRight, OnlyLastRight) = (0, 0, 0, 0, 0, 0);
    }

    private long[] Widen(long[] cells, int stride)
    {
        var wide = new long[stride * stride];
        for (var row = 0; row < _stride; row++)
        {
            cells.AsSpan(row * _stride, _stride).CopyTo(wide.AsSpan(row * stride));
        }

        return wide;
    }
}
