using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Reads a segment of the journal: blocks, each with what the join knew before and after it, and its items.</summary>
internal ref struct SegmentReader
{
    public const byte IsLabel = 1;
    public const byte HasOwn = 2;
    public const byte HasMet = 4;
    public const byte IsKnown = 8;
    public const byte Waits = 16;

    /// <summary>Version, identity of the labels topic, number of the segment; its blocks follow.</summary>
    public const int HeaderBytes = 1 + 16 + 8;

    private const byte Layout = 1;
    private const byte MostFlags = 31;

    private readonly List<(string Model, string Version)> _names = [];
    private StateReader _blocks;
    private StateReader _items;
    private long _left;
    private (long Prediction, long Label, long Time) _last;

    /// <summary>Reads up to the first item.</summary>
    /// <exception cref="InvalidDataException">The bytes are no segment.</exception>
    public SegmentReader(ReadOnlySpan<byte> value)
    {
        _blocks = new StateReader(value);
        _blocks.RequireVersion(Layout);
        LabelsId = _blocks.Guid();
        _ = _blocks.Int64();
        var first = BeginBlock();
        (Open, Waiting, LabelsWatermark, PredictionsWatermark) = first;
    }

    public Guid LabelsId { get; }

    /// <summary>Number of the next open prediction before the segment.</summary>
    public long Open { get; }

    public long Waiting { get; }

    public long LabelsWatermark { get; }

    public long PredictionsWatermark { get; }

    /// <summary>The same after the block that was read last.</summary>
    public long OpenAfter { get; private set; }

    public long WaitingAfter { get; private set; }

    public LabelCounts Counts { get; private set; }

    /// <summary>The number of a segment: the order in which they were written.</summary>
    public static long NumberOf(ReadOnlySpan<byte> value)
    {
        var reader = new StateReader(value);
        reader.RequireVersion(Layout);
        reader.Guid();
        return reader.Int64();
    }

    public static void Begin(ref StateWriter writer, Guid labelsId, long number)
    {
        writer.Version(Layout);
        writer.Write(labelsId);
        writer.Write(number);
    }

    public static void Write(ref StateWriter writer, in LabelCounts counts)
    {
        writer.Count(counts.Taken);
        writer.Count(counts.Joined);
        writer.Count(counts.Duplicates);
        writer.Count(counts.Corrections);
        writer.Count(counts.Orphans);
        writer.Count(counts.TooLate);
        writer.Count(counts.Misfits);
        writer.Count(counts.Evicted);
    }

    /// <summary>The next item; false at the end.</summary>
    public bool Read(out JoinItem item)
    {
        item = default;
        while (_left == 0)
        {
            _items.RequireEnd();
            if (_blocks.Remaining == 0)
            {
                return false;
            }

            BeginBlock();
        }

        _left--;
        var flags = _items.Byte(MostFlags);
        item = (flags & IsLabel) != 0 ? ReadLabel(flags) : ReadPrediction(flags);
        return true;
    }

    private JoinItem ReadLabel(byte flags)
    {
        var offset = _last.Label + _items.Signed();
        var (hash, time) = (_items.UInt64(), _last.Time + _items.Signed());
        _last = (_last.Prediction, offset, time);
        return new JoinItem(true, false, (flags & Waits) != 0, offset, hash, time, "", "", 0, 0, ReadValue());
    }

    private JoinItem ReadPrediction(byte flags)
    {
        var offset = _last.Prediction + _items.Signed();
        var (hash, time, name) = (_items.UInt64(), _last.Time + _items.Signed(), _items.Count());
        if (name == _names.Count)
        {
            _names.Add((_items.Text(), _items.Text()));
        }

        if (name >= _names.Count)
        {
            throw _items.Broken($"a name below {_names.Count}", name.ToString());
        }

        var own = (flags & HasOwn) != 0 ? _items.UInt64() : 0;
        var met = (flags & HasMet) != 0 ? _items.UInt64() : 0;
        _last = (offset, _last.Label, time);
        return new JoinItem(false, (flags & IsKnown) != 0, false, offset, hash, time, _names[(int)name].Model, _names[(int)name].Version, own, met, ReadValue());
    }

    private byte[] ReadValue()
    {
        var bytes = _items.Bytes().ToArray();
        KeptValue.Read(bytes);
        return bytes;
    }

    private (long Open, long Waiting, long LabelsWatermark, long PredictionsWatermark) BeginBlock()
    {
        var block = _blocks.Part();
        _last = (block.Int64(), block.Int64(), 0);
        var before = (block.Count(), block.Count(), block.Int64(), block.Int64());
        (OpenAfter, WaitingAfter) = (block.Count(), block.Count());
        Counts = new LabelCounts
        {
            Taken = block.Count(),
            Joined = block.Count(),
            Duplicates = block.Count(),
            Corrections = block.Count(),
            Orphans = block.Count(),
            TooLate = block.Count(),
            Misfits = block.Count(),
            Evicted = block.Count(),
        };
        _left = block.Count();
        _items = block.Part();
        block.RequireEnd();
        _names.Clear();
        return before;
    }
}
