using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Records of one partition between fetch and processing, oldest first, always readable as one span.</summary>
internal sealed class RecordQueue
{
    private LogRecord[] _records = new LogRecord[256];
    private int _head;
    private int _tail;

    public int Count => _tail - _head;

    public ReadOnlySpan<LogRecord> Records => _records.AsSpan(_head, Count);

    public void Add(in LogRecord record)
    {
        if (_tail == _records.Length)
        {
            var target = Count > _records.Length / 2 ? new LogRecord[_records.Length * 2] : _records;
            var count = Count;
            Records.CopyTo(target);
            target.AsSpan(count, Math.Max(0, _tail - count)).Clear();
            (_records, _head, _tail) = (target, 0, count);
        }

        _records[_tail++] = record;
    }

    public void Drop(int count)
    {
        // what was processed must not be kept alive
        _records.AsSpan(_head, count).Clear();
        _head += count;
        if (_head == _tail)
        {
            (_head, _tail) = (0, 0);
        }
    }
}
