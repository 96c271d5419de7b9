using System.Buffers.Binary;
using System.Text;

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

    /// <summary>Reads a truth value.</summary>
    public bool Bool() => Byte() != 0;

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
    public string Text() => Encoding.UTF8.GetString(Take(Int32()));

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
