using System.Buffers;
using System.Globalization;
using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The order in which records of two inputs were taken, as run lengths: <c>p512 l3 p88</c>, counted in offsets.</summary>
public sealed class TakenOrder(LogOffsets from)
{
    private const byte Layout = 1;

    private readonly StringBuilder _runs = new();
    private readonly List<Record> _records = [];
    private readonly List<LogOffsets> _former = [];
    private LogOffsets _begin = from;
    private InputSide _side;
    private long _length;

    /// <summary>How far both have come.</summary>
    public LogOffsets Next { get; private set; } = from;

    /// <summary>Next offset of an input.</summary>
    public long NextOf(InputSide side) => side == InputSide.Predictions ? Next.Predictions : Next.Labels;

    /// <summary>Reads a record that <see cref="Save"/> wrote; one of another labels topic is forgotten with the next save.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public void Load(ReadOnlySpan<byte> value, Guid labelsId)
    {
        var reader = new StateReader(value);
        reader.RequireVersion(Layout);
        var (id, begin, runs) = (reader.Guid(), new LogOffsets(reader.Int64(), reader.Int64()), reader.Text());
        reader.RequireEnd();
        if (id != labelsId)
        {
            _former.Add(begin);
            return;
        }

        var end = begin;
        foreach (var (side, length) in Parse(runs))
        {
            end = Add(end, side, length);
        }

        _records.Add(new Record(begin, end, runs));
        _records.Sort(static (a, b) => a.Begin.Sum.CompareTo(b.Begin.Sum));
    }

    /// <summary>Runs that were read, from the oldest on: which input, and up to which offset.</summary>
    public IEnumerable<(InputSide Side, long Until)> Recorded()
    {
        foreach (var record in _records)
        {
            var at = record.Begin;
            foreach (var (side, length) in Parse(record.Runs))
            {
                at = Add(at, side, length);
                yield return (side, side == InputSide.Predictions ? at.Predictions : at.Labels);
            }
        }
    }

    /// <summary>Notes that an input was taken up to an offset.</summary>
    public void Take(InputSide side, long until, bool isRecorded)
    {
        var length = until - NextOf(side);
        Next = Add(Next, side, length);
        if (isRecorded)
        {
            _begin = Next;
            return;
        }

        if (side != _side)
        {
            EndRun();
            _side = side;
        }

        _length += length;
    }

    /// <summary>The place whose sum this is, or the one where the record of the order begins that is oldest.</summary>
    public LogOffsets Find(long sum)
    {
        EndRun();
        foreach (var record in _records.Append(new Record(_begin, Next, _runs.ToString())))
        {
            if (sum < record.End.Sum)
            {
                return Within(record, sum);
            }
        }

        return Next;
    }

    /// <summary>Writes what was taken since the last time, and forgets what no replay needs.</summary>
    /// <param name="key">Key of the order of this partition; its version is set here.</param>
    /// <param name="labelsId">Identity of the labels topic.</param>
    /// <param name="replayFrom">Sum of the offsets at which a replay would begin.</param>
    /// <param name="output">Takes the records.</param>
    public void Save(in StateKey key, Guid labelsId, long replayFrom, List<OutputRecord> output)
    {
        EndRun();

        // before what is new: that may have the same key
        foreach (var begin in _former)
        {
            output.Add(State(key, begin, null));
        }

        _former.Clear();
        if (_runs.Length > 0)
        {
            var record = new Record(_begin, Next, _runs.ToString());
            var bytes = new ArrayBufferWriter<byte>(64 + _runs.Length);
            var writer = new StateWriter(bytes);
            writer.Version(Layout);
            writer.Write(labelsId);
            writer.Write(_begin.Predictions);
            writer.Write(_begin.Labels);
            writer.Write(record.Runs);
            output.Add(State(key, record.Begin, bytes.WrittenSpan.ToArray()));
            _records.Add(record);
            _runs.Clear();
        }

        _begin = Next;
        var gone = 0;
        while (gone < _records.Count && _records[gone].End.Sum <= replayFrom)
        {
            output.Add(State(key, _records[gone++].Begin, null));
        }

        _records.RemoveRange(0, gone);
    }

    private static OutputRecord State(in StateKey key, LogOffsets begin, byte[]? value) =>
        new(OutputTopic.State, (uint)key.Partition, (key with { Version = begin.ToString() }).Encode(), value);

    private static LogOffsets Within(in Record record, long sum)
    {
        var at = record.Begin;
        foreach (var (side, length) in Parse(record.Runs))
        {
            if (at.Sum + length > sum)
            {
                return Add(at, side, Math.Max(0, sum - at.Sum));
            }

            at = Add(at, side, length);
        }

        return at;
    }

    private static LogOffsets Add(LogOffsets at, InputSide side, long length) =>
        side == InputSide.Predictions ? at with { Predictions = at.Predictions + length } : at with { Labels = at.Labels + length };

    private static IEnumerable<(InputSide Side, long Length)> Parse(string runs)
    {
        foreach (var run in runs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return run[0] is 'p' or 'l' && long.TryParse(run.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                ? (run[0] == 'p' ? InputSide.Predictions : InputSide.Labels, length)
                : throw new InvalidDataException($"order: expected runs such as p512 l3, found '{run}'");
        }
    }

    private void EndRun()
    {
        if (_length > 0)
        {
            _runs.Append(_runs.Length > 0 ? " " : "").Append(_side == InputSide.Predictions ? 'p' : 'l').Append(_length.ToString(CultureInfo.InvariantCulture));
            _length = 0;
        }
    }

    private readonly record struct Record(LogOffsets Begin, LogOffsets End, string Runs);
}
