using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Streaming.Drift;

/// <summary>Writes state as little-endian bytes, each part under a version of its own.</summary>
public ref struct StateWriter(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> _output = output;

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Begins a part: its layout's version, 1 to 255.</summary>
    public void Version(byte version) => Write(version);

    /// <summary>Writes one byte.</summary>
    public void Write(byte value)
    {
        _output.GetSpan(1)[0] = value;
        Advance(1);
    }

    /// <summary>Writes a truth value as one byte.</summary>
    public void Write(bool value) => Write(value ? (byte)1 : (byte)0);

    /// <summary>Writes four bytes.</summary>
    public void Write(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_output.GetSpan(4), value);
        Advance(4);
    }

    /// <summary>Writes eight bytes.</summary>
    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_output.GetSpan(8), value);
        Advance(8);
    }

    /// <summary>Writes the eight bytes of a number, its NaN payload included.</summary>
    public void Write(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_output.GetSpan(8), value);
        Advance(8);
    }

    /// <summary>Writes a count and the numbers.</summary>
    public void Write(ReadOnlySpan<double> values)
    {
        Write(values.Length);
        foreach (var value in values)
        {
            Write(value);
        }
    }

    /// <summary>Writes a text as its UTF-8 length and bytes.</summary>
    public void Write(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Write(length);
        Encoding.UTF8.GetBytes(value, _output.GetSpan(length));
        Advance(length);
    }

    /// <summary>Writes a key: eight bytes.</summary>
    public void Write(ulong value) => Write((long)value);

    /// <summary>Writes the sixteen bytes of an identity.</summary>
    public void Write(Guid value)
    {
        value.TryWriteBytes(_output.GetSpan(16), bigEndian: true, out _);
        Advance(16);
    }

    /// <summary>Writes a count, at least 0, in as few bytes as it needs (LEB128).</summary>
    public void Count(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Compact((ulong)value);
    }

    /// <summary>Writes a number that is usually near 0, in as few bytes as it needs.</summary>
    public void Signed(long value) => Compact((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes a part with its length before it, so that a reader can pass over it.</summary>
    public void Part(ReadOnlySpan<byte> bytes)
    {
        Count(bytes.Length);
        bytes.CopyTo(_output.GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    private void Compact(ulong value)
    {
        var span = _output.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        Advance(length);
    }

    private void Advance(int count)
    {
        _output.Advance(count);
        Length += count;
    }
}
