using System.IO.Hashing;

namespace Streaming.Kafka;

/// <summary>Whether the keys of a predictions and a labels topic were placed by the same rule: a label finds its prediction only in the same partition.</summary>
/// <remarks>Java's producers place keys by murmur2, those built on librdkafka by CRC-32 unless told otherwise. A sample of each topic is enough to tell.</remarks>
internal sealed class KeyPlacement(string predictions, string labels)
{
    private readonly PlacedKeys _predictions = new();
    private readonly PlacedKeys _labels = new();
    private bool _said;

    /// <summary>Whether more records would tell no more.</summary>
    public bool IsDone => _predictions.IsDone && _labels.IsDone;

    /// <summary>Takes the key of a record and where it lies.</summary>
    public void Observe(bool isLabel, byte[]? key, int partition, int partitions) => (isLabel ? _labels : _predictions).Observe(key, partition, partitions);

    /// <summary>What is wrong, once: null where nothing is, or too little was seen.</summary>
    public string? Mismatch()
    {
        if (_said || _predictions.Rule is not { } one || _labels.Rule is not { } other || one == other)
        {
            return null;
        }

        _said = true;
        return $"keys of {predictions} lie as {one} places them, keys of {labels} as {other} places them: most labels will not find their predictions; "
            + "give both producers the same keys and partitioner (librdkafka: partitioner=murmur2_random places keys as Java does)";
    }

    /// <summary>Where a Java producer puts a key.</summary>
    public static int Murmur2(ReadOnlySpan<byte> key, int partitions)
    {
        const uint multiplier = 0x5bd1e995;
        var hash = 0x9747b28cu ^ (uint)key.Length;
        var at = 0;
        for (; at + 4 <= key.Length; at += 4)
        {
            var k = (key[at] | ((uint)key[at + 1] << 8) | ((uint)key[at + 2] << 16) | ((uint)key[at + 3] << 24)) * multiplier;
            hash = (hash * multiplier) ^ ((k ^ (k >> 24)) * multiplier);
        }

        var rest = 0u;
        for (var i = key.Length - 1; i >= at; i--)
        {
            rest = (rest << 8) | key[i];
        }

        hash = at < key.Length ? (hash ^ rest) * multiplier : hash;
        hash = (hash ^ (hash >> 13)) * multiplier;
        return (int)((hash ^ (hash >> 15)) & 0x7fffffff) % partitions;
    }

    /// <summary>Where a producer built on librdkafka puts a key by default.</summary>
    public static int Crc(ReadOnlySpan<byte> key, int partitions) => (int)(Crc32.HashToUInt32(key) % (uint)partitions);
}

/// <summary>Keys of one topic and where they lie.</summary>
internal sealed class PlacedKeys
{
    private const int Sample = 200;
    private const int Fewest = 20;

    private int _seen;
    private int _murmur2;
    private int _crc32;

    /// <summary>Whether more keys would tell no more.</summary>
    public bool IsDone => _seen >= Sample;

    /// <summary>Which rule placed them; null where too few were seen to tell.</summary>
    public string? Rule => _seen < Fewest ? null
        : _murmur2 == _seen ? "murmur2"
        : _crc32 == _seen ? "CRC-32"
        : "neither murmur2 nor CRC-32";

    /// <summary>Takes the key of a record and where it lies; of one partition alone there is nothing to learn.</summary>
    public void Observe(byte[]? key, int partition, int partitions)
    {
        if (key is null || partitions < 2 || IsDone)
        {
            return;
        }

        _seen++;
        _murmur2 += KeyPlacement.Murmur2(key, partitions) == partition ? 1 : 0;
        _crc32 += KeyPlacement.Crc(key, partitions) == partition ? 1 : 0;
    }
}
