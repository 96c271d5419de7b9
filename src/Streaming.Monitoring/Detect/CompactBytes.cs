using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Streaming.Monitoring;

/// <summary>Writes counts in variable length (LEB128), numbers as eight little-endian bytes.</summary>
internal readonly struct CompactWriter(ArrayBufferWriter<byte> output)
{
    public byte[] ToArray() => output.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void Count(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Unsigned((ulong)value);
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Number(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public void Key(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public void Guid(Guid value)
    {
        value.TryWriteBytes(output.GetSpan(16), bigEndian: true, out _);
        output.Advance(16);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Count(length);
        Encoding.UTF8.GetBytes(value, output.GetSpan(length));
        output.Advance(length);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        output.Write(value);
    }

    private void Unsigned(ulong value)
    {
        var span = output.GetSpan(10);
        var i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[i++] = (byte)(value | 0x80);
        }

        span[i++] = (byte)value;
        output.Advance(i);
    }
}

/// <summary>Reads what <see cref="CompactWriter"/> wrote; refuses anything shorter, longer or out of range.</summary>
internal ref struct CompactReader(ReadOnlySpan<byte> input)
{
    private readonly int _total = input.Length;
    private ReadOnlySpan<byte> _rest = input;

    public byte Byte() => Take(1)[0];

    public long Count()
    {
        var value = Unsigned();
        return value <= long.MaxValue ? (long)value : throw Broken($"a count, found {value}");
    }

    /// <summary>A number of items of at least <paramref name="itemBytes"/> bytes each, so that a forged count allocates nothing.</summary>
    public int Length(int itemBytes)
    {
        var count = Count();
        return count <= _rest.Length / itemBytes ? (int)count : throw Broken($"at most {_rest.Length / itemBytes} items, found {count}");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public double Number() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public ulong Key() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public Guid Guid() => new(Take(16), bigEndian: true);

    public string Text()
    {
        var length = Count();
        return length <= _rest.Length ? Encoding.UTF8.GetString(Take((int)length)) : throw Broken($"{length} bytes of text, found {_rest.Length}");
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Count();
        return length <= _rest.Length ? Take((int)length) : throw Broken($"{length} bytes, found {_rest.Length}");
    }

    public readonly void RequireEnd()
    {
        if (_rest.Length > 0)
        {
            throw Broken($"the end, found {_rest.Length} more bytes");
        }
    }

    private ulong Unsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Broken("a count of at most 10 bytes");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw Broken($"{count} more bytes, found {_rest.Length}");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private readonly InvalidDataException Broken(string expected) => new($"byte {_total - _rest.Length}: expected {expected}");
}
