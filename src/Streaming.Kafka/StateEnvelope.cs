using System.Buffers.Binary;
using System.IO.Hashing;
using Streaming.Monitoring;
using ZstdSharp;

namespace Streaming.Kafka;

/// <summary>A piece of state as records: compressed, split below the brokers' limit for one record, each part checked on its own.</summary>
/// <remarks>
/// A part is: format version (1 byte), codec (1), number of parts (2), CRC-32 of the whole value (4), CRC-32 of key and part (4), length of the whole
/// value (4), then the bytes: as they are (codec 0, short values) or zstd (codec 1). Numbers are little-endian. The key names the part. One thread.
/// </remarks>
internal sealed class StateEnvelope : IDisposable
{
    /// <summary>Largest part: below the brokers' default of 1 MiB for a record, key and headers included.</summary>
    public const int PartBytes = 900_000;

    private const byte Format = 1;
    private const byte Plain = 0;
    private const byte Zstd = 1;
    private const int PartsAt = 2;
    private const int WholeAt = 4;
    private const int CrcAt = 8;
    private const int LengthAt = 12;
    private const int HeaderBytes = 16;
    private const int WorthCompressing = 256;
    private const int LargestValue = 1 << 30;
    private const int MostParts = ushort.MaxValue;
    private const int Level = 1;

    private readonly Compressor _compressor = new(Level);
    private readonly Decompressor _decompressor = new();

    private readonly record struct Header(byte Codec, int Parts, uint Whole, int Length);

    /// <summary>The records of one value, part by part.</summary>
    public List<(byte[] Key, byte[] Value)> Pack(StateKey key, ReadOnlySpan<byte> value, int partBytes = PartBytes)
    {
        var codec = value.Length < WorthCompressing ? Plain : Zstd;
        var compressed = codec == Plain ? value : _compressor.Wrap(value);
        var parts = Math.Max(1, (compressed.Length + partBytes - 1) / partBytes);
        if (parts > MostParts)
        {
            throw new WorkerFailedException($"the state of model {key.Model} version {key.Version} takes {compressed.Length} bytes: more than {MostParts} records hold");
        }

        var header = new Header(codec, parts, Crc32.HashToUInt32(value), value.Length);
        var records = new List<(byte[], byte[])>(parts);
        for (var part = 0; part < parts; part++)
        {
            var bytes = compressed[(part * partBytes)..Math.Min(compressed.Length, (part + 1) * partBytes)];
            records.Add(PackPart((key with { Part = part }).Encode(), bytes, header));
        }

        return records;
    }

    /// <summary>The value that the parts hold.</summary>
    /// <exception cref="InvalidDataException">A part is missing or damaged, or of another format; it says what was expected and what was found.</exception>
    public byte[] Unpack(IReadOnlyList<(byte[] Key, byte[] Value)> parts)
    {
        var first = Check(parts[0]);
        if (parts.Count < first.Parts)
        {
            throw new InvalidDataException($"expected {first.Parts} parts, found {parts.Count}");
        }

        using var bytes = new MemoryStream();
        for (var part = 0; part < first.Parts; part++)
        {
            if (Check(parts[part]) != first)
            {
                throw new InvalidDataException($"part {part}: expected one of the same value as part 0, found one of another");
            }

            bytes.Write(parts[part].Value.AsSpan(HeaderBytes));
        }

        var value = first.Codec == Plain ? bytes.ToArray() : Decompress(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), first.Length);
        var found = Crc32.HashToUInt32(value);
        return found == first.Whole ? value : throw new InvalidDataException($"expected CRC-32 {first.Whole:x8} of the whole, found {found:x8}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }

    private static (byte[] Key, byte[] Value) PackPart(byte[] key, ReadOnlySpan<byte> bytes, in Header header)
    {
        var record = new byte[HeaderBytes + bytes.Length];
        (record[0], record[1]) = (Format, header.Codec);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(PartsAt), (ushort)header.Parts);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(WholeAt), header.Whole);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(LengthAt), header.Length);
        bytes.CopyTo(record.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(CrcAt), PartCrc(key, record));
        return (key, record);
    }

    // over the key too, so that a record under a wrong key is not taken for another's
    private static uint PartCrc(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record)
    {
        var crc = new Crc32();
        crc.Append(key);
        crc.Append(record[..CrcAt]);
        crc.Append(record[LengthAt..]);
        return crc.GetCurrentHashAsUInt32();
    }

    private static Header Check((byte[] Key, byte[] Value) part)
    {
        var record = part.Value.AsSpan();
        if (record.Length < HeaderBytes)
        {
            throw new InvalidDataException($"expected at least {HeaderBytes} bytes, found {record.Length}");
        }

        if (record[0] != Format || record[1] > Zstd)
        {
            throw new InvalidDataException($"expected format {Format} with codec {Plain} or {Zstd}, found format {record[0]} with codec {record[1]}");
        }

        var (expected, found) = (BinaryPrimitives.ReadUInt32LittleEndian(record[CrcAt..]), PartCrc(part.Key, record));
        if (expected != found)
        {
            throw new InvalidDataException($"expected CRC-32 {expected:x8}, found {found:x8}");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(record[LengthAt..]);
        return length is >= 0 and <= LargestValue
            ? new Header(
                record[1], BinaryPrimitives.ReadUInt16LittleEndian(record[PartsAt..]), BinaryPrimitives.ReadUInt32LittleEndian(record[WholeAt..]), length)
            : throw new InvalidDataException($"expected a length from 0 to {LargestValue}, found {length}");
    }

    private byte[] Decompress(ReadOnlySpan<byte> compressed, int length)
    {
        try
        {
            var value = new byte[length];
            var written = _decompressor.Unwrap(compressed, value);
            return written == length ? value : throw new InvalidDataException($"expected {length} bytes, found {written}");
        }
        catch (ZstdException exception)
        {
            throw new InvalidDataException($"expected zstd bytes, found others: {exception.Message}", exception);
        }
    }
}
