using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Streaming.Drift;

/// <summary>Reads what <see cref="StateWriter"/> wrote; says what it expected and what it found.</summary>
public ref struct StateReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;
    private readonly int _length = input.Length;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Reads the version that begins a part and refuses any other.</summary>
    /// <exception cref="InvalidDataException">Another version was found.</exception>
    public void RequireVersion(byte expected)
    {
        var at = _length - _rest.Length;
        var found = Byte();
        if (found != expected)
        {
            throw new InvalidDataException($"state at byte {at}: expected version {expected}, found {found}");
        }
    }

    /// <summary>Reads one byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Reads one byte of a few that mean something: 0 to <paramref name="most"/>.</summary>
    /// <exception cref="InvalidDataException">Another value was found.</exception>
    public byte Byte(byte most)
    {
        var found = Byte();
        return found <= most ? found : throw Broken($"0 to {most}", found.ToString());
    }

    /// <summary>Reads a truth value.</summary>
    public bool Bool() => Byte(1) == 1;

    /// <summary>Reads four bytes.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>Reads eight bytes.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>Reads a number.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Reads a count and that many numbers into <paramref name="values"/>; returns the count.</summary>
    /// <exception cref="InvalidDataException">More numbers were written than there is room for.</exception>
    public int Doubles(Span<double> values)
    {
        var count = Int32();
        if ((uint)count > (uint)values.Length)
        {
            throw new InvalidDataException($"state: expected at most {values.Length} numbers, found {count}");
        }

        for (var i = 0; i < count; i++)
        {
            values[i] = Double();
        }

        return count;
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="InvalidDataException">The bytes are no UTF-8.</exception>
    public string Text()
    {
        var bytes = Take(Int32());
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Broken($"{bytes.Length} bytes of UTF-8 before", "others");
    }

    /// <summary>Reads a key.</summary>
    public ulong UInt64() => (ulong)Int64();

    /// <summary>Reads an identity.</summary>
    public Guid Guid() => new(Take(16), bigEndian: true);

    /// <summary>Reads a count in variable length.</summary>
    /// <exception cref="InvalidDataException">It is negative, or longer than it need be.</exception>
    public long Count()
    {
        var value = Compact();
        return value <= long.MaxValue ? (long)value : throw Broken("a count", value.ToString());
    }

    /// <summary>Reads how many items of at least <paramref name="itemBytes"/> bytes follow: never more than there is room for.</summary>
    /// <exception cref="InvalidDataException">The bytes that are left cannot hold that many.</exception>
    public int Length(int itemBytes) => Bounded(Count(), itemBytes);

    /// <summary>Reads a number written as <see cref="StateWriter.Signed"/>.</summary>
    public long Signed()
    {
        var value = Compact();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads a part: a reader of its bytes alone.</summary>
    public StateReader Part() => new(PartBytes());

    /// <summary>Reads a part as it is.</summary>
    public ReadOnlySpan<byte> PartBytes() => Take(Length(1));

    /// <summary>The same as bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Length(1));

    /// <summary>Refuses bytes that nobody asked for.</summary>
    /// <exception cref="InvalidDataException">Some are left.</exception>
    public readonly void RequireEnd()
    {
        if (_rest.Length > 0)
        {
            throw Broken("the end", $"{_rest.Length} more bytes");
        }
    }

    /// <summary>What is wrong here, as an exception to throw.</summary>
    public readonly InvalidDataException Broken(string expected, string found) =>
        new($"state at byte {_length - _rest.Length}: expected {expected}, found {found}");

    private readonly int Bounded(long count, int itemBytes) =>
        count >= 0 && count <= _rest.Length / itemBytes ? (int)count : throw Broken($"at most {_rest.Length / itemBytes} items", count.ToString());

    private ulong Compact()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (b > 0 || shift == 0) && (shift < 63 || b == 1) ? value : throw Broken("a count in as few bytes as it needs before", "more");
            }
        }

        throw Broken("a count of at most 10 bytes before", "more");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            throw new InvalidDataException($"state: expected {count} more bytes at byte {_length - _rest.Length}, found {_rest.Length}");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
