using System.IO.Hashing;

namespace Streaming.Kafka;

/// <summary>Whether the keys of a predictions and a labels topic were placed by the same rule: a label finds its prediction only in the same partition.</summary>
/// <remarks>Java's producers place keys by murmur2, those built on librdkafka by CRC-32 unless told otherwise. A sample of each topic is enough to tell.</remarks>
internal sealed class KeyPlacement(string predictions, string labels)
{
    private const int Sample = 200;
    private const int Fewest = 20;

    private readonly int[] _seen = new int[2];
    private readonly int[] _murmur2 = new int[2];
    private readonly int[] _crc32 = new int[2];
    private bool _said;

    /// <summary>Whether more records would tell no more.</summary>
    public bool IsDone => _seen[0] >= Sample && _seen[1] >= Sample;

    /// <summary>Takes the key of a record and where it lies.</summary>
    public void Observe(bool isLabel, byte[]? key, int partition, int partitions)
    {
        var side = isLabel ? 1 : 0;
        if (key is null || partitions < 2 || _seen[side] >= Sample)
        {
            return;
        }

        _seen[side]++;
        _murmur2[side] += Murmur2(key, partitions) == partition ? 1 : 0;
        _crc32[side] += Crc(key, partitions) == partition ? 1 : 0;
    }

    /// <summary>What is wrong, once: null where nothing is, or too little was seen.</summary>
    public string? Mismatch()
    {
        if (_said || _seen[0] < Fewest || _seen[1] < Fewest || RuleOf(0) == RuleOf(1))
        {
            return null;
        }

        _said = true;
        return $"keys of {predictions} lie {RuleOf(0)}, keys of {labels} {RuleOf(1)}: most labels will not find their predictions; "
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

    private string RuleOf(int side) => _murmur2[side] == _seen[side] ? "as murmur2 places them"
        : _crc32[side] == _seen[side] ? "as CRC-32 places them"
        : "as neither murmur2 nor CRC-32 places them";
}
