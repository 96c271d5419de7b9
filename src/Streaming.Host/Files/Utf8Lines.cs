namespace Streaming.Host;

/// <summary>Lines of a stream as bytes, without their ends. Blank lines are passed over.</summary>
internal sealed class Utf8Lines(Stream stream)
{
    /// <summary>Longest line that is read as a whole.</summary>
    public const int MaxBytes = 16 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Number of the line that was read, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the line that was read was longer than <see cref="MaxBytes"/>; what it held is gone.</summary>
    public bool TooLong { get; private set; }

    /// <summary>Reads the next line; false at the end. The memory is reused.</summary>
    public bool Read(out ReadOnlySpan<byte> line)
    {
        while (Next(out line))
        {
            Line++;
            if (Line == 1 && line.StartsWith("\uFEFF"u8))
            {
                line = line[3..];
            }

            line = line.EndsWith("\r"u8) ? line[..^1] : line;
            if (TooLong || line.IndexOfAnyExcept(" \t"u8) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool Next(out ReadOnlySpan<byte> line)
    {
        TooLong = false;
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                line = TooLong ? default : _buffer.AsSpan(_start, searched + found);
                _start += searched + found + 1;
                return true;
            }

            if (_end - _start >= MaxBytes)
            {
                (TooLong, _start, _end) = (true, 0, 0);
            }

            searched = _end - _start;
            if (!Fill())
            {
                line = TooLong ? default : _buffer.AsSpan(_start, _end - _start);
                var any = TooLong || _end > _start;
                (_start, _end) = (0, 0);
                return any;
            }
        }
    }

    private bool Fill()
    {
        if (_ended)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        _ended = count == 0;
        return !_ended;
    }
}
