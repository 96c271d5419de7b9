namespace Streaming.Monitoring;

/// <summary>Shapes of the records that came lately, learnt from those that none of them fits.</summary>
/// <remarks>Memory is used again, so a topic whose shapes go on changing allocates nothing either; there, tries become rare.</remarks>
internal sealed class EventTemplates(EventSchema schema)
{
    private const int Most = 4;

    // a shape that is kept for good must be small, whatever a record may have
    private const int LongestRecord = 16_384;

    // a miss weighs as two that fit: where a third or more of the records fit none, trying them costs more than it saves
    private const int MissWeight = 2;

    // the longest pause is 256 records
    private const int MostMisses = (Most + 8) * MissWeight;

    private readonly EventTemplate[] _templates = [new(), new(), new(), new()];
    private readonly long[] _numbers = new long[Most];
    private long _learnt;
    private int _last;
    private int _next;
    private int _pause;
    private int _misses;

    /// <summary>Whether a shape fitted. If not, the event must be reset and the record read token by token.</summary>
    public bool Read(ReadOnlySpan<byte> record, DecodedEvent decoded)
    {
        if (_pause > 0)
        {
            return false;
        }

        for (var i = 0; i < Most; i++)
        {
            var index = (_last + i) % Most;
            decoded.Reset();
            if (_templates[index].Read(record, decoded))
            {
                (_last, _misses) = (index, Math.Max(0, _misses - 1));
                decoded.Shape = _numbers[index];
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes a good record that none fitted.</summary>
    public void Learn(ReadOnlySpan<byte> record)
    {
        if (record.Length > LongestRecord)
        {
            return;
        }

        if (_pause > 0)
        {
            _pause--;
            return;
        }

        // the one that fitted last is kept
        var index = _next == _last ? (_next + 1) % Most : _next;
        if (_templates[index].Learn(record, schema))
        {
            (_last, _next) = (index, (index + 1) % Most);
            _numbers[index] = ++_learnt;
        }

        _misses = Math.Min(_misses + MissWeight, MostMisses);
        _pause = _misses > Most * MissWeight ? 1 << ((_misses / MissWeight) - Most) : 0;
    }
}
