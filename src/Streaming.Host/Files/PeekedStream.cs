namespace Streaming.Host;

/// <summary>A stream whose first bytes were looked at and are read again, so that pipes can be looked at too.</summary>
internal sealed class PeekedStream : Stream
{
    private readonly Stream _rest;
    private readonly byte[] _first;
    private readonly int _length;
    private int _next;

    /// <summary>Looks at up to <paramref name="count"/> bytes, fewer where the stream ends before.</summary>
    public PeekedStream(Stream stream, int count)
    {
        (_rest, _first) = (stream, new byte[count]);
        _length = stream.ReadAtLeast(_first, count, throwOnEndOfStream: false);
    }

    /// <summary>The bytes looked at.</summary>
    public ReadOnlySpan<byte> First => _first.AsSpan(0, _length);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_next == _length)
        {
            return _rest.Read(buffer);
        }

        var count = Math.Min(buffer.Length, _length - _next);
        _first.AsSpan(_next, count).CopyTo(buffer);
        _next += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
