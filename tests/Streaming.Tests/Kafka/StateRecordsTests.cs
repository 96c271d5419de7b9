using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests;

public sealed class StateRecordsTests : IDisposable
{
    private static readonly StateKey Key = new(Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10"), 3, StateKind.Monitor, "credit", "7", 0);

    private readonly StateEnvelope _envelope = new();
    private readonly StateRecords _records = new();
    private long _offset;

    public void Dispose() => _envelope.Dispose();

    [Fact]
    public void The_newest_value_of_a_key_counts()
    {
        Take(Key, [1]);
        Take(Key, [2]);

        Assert.Equal([2], Assert.Single(Values()).Value);
    }

    [Fact]
    public void A_tombstone_takes_a_key_away()
    {
        Take(Key, [1]);
        _records.Take(Key.Encode(), null, _offset++);

        Assert.Empty(Values());
        Assert.Equal(0, _records.Bytes);
    }

    [Fact]
    public void Keys_of_other_partitions_and_topics_are_left_aside()
    {
        Take(Key, [1]);
        Take(Key with { Partition = 4 }, [2]);
        Take(Key with { TopicId = Guid.Empty }, [3]);

        Assert.Equal([1], Assert.Single(Values()).Value);
    }

    [Fact]
    public void Parts_are_joined_in_their_order_whatever_order_compaction_left()
    {
        var value = new byte[2_500_000];
        new Random(1).NextBytes(value);
        var parts = _envelope.Pack(Key, value);
        foreach (var (key, part) in Enumerable.Reverse(parts))
        {
            _records.Take(key, part, _offset++);
        }

        var (_, joined, count, _, _, _) = Assert.Single(Values());
        Assert.Equal(value, joined);
        Assert.Equal(parts.Count, count);
    }

    [Fact]
    public void A_damaged_record_is_named_by_offset_and_model()
    {
        var (key, value) = Assert.Single(_envelope.Pack(Key, [1, 2, 3]));
        value[^1] ^= 1;
        _records.Take(key, value, 17);

        var error = Assert.Throws<InvalidDataException>(() => Values());

        Assert.StartsWith("offset 17 (Monitor of model credit version 7): expected CRC-32", error.Message, StringComparison.Ordinal);
    }

    private void Take(StateKey key, byte[] value)
    {
        var (packedKey, packed) = Assert.Single(_envelope.Pack(key, value));
        _records.Take(packedKey, packed, _offset++);
    }

    private List<StatePiece> Values() =>
        [.. _records.Values(key => key.TopicId == Key.TopicId && key.Partition == Key.Partition, _envelope)];
}
