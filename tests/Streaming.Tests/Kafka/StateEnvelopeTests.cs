using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests;

public sealed class StateEnvelopeTests : IDisposable
{
    private static readonly StateKey Key = new(Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10"), 3, StateKind.Monitor, "credit", "7", 0);

    private readonly StateEnvelope _envelope = new();

    public void Dispose() => _envelope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(100_000)]
    public void What_is_packed_comes_out_again(int length)
    {
        var value = Bytes(length);

        Assert.Equal(value, _envelope.Unpack(_envelope.Pack(Key, value)));
    }

    [Fact]
    public void A_value_beyond_the_limit_of_a_record_is_split_and_joined()
    {
        var value = Bytes(100_000);

        var parts = _envelope.Pack(Key, value, partBytes: 10_000);

        Assert.True(parts.Count > 9);
        Assert.All(parts, part => Assert.InRange(part.Value.Length, 1, 10_100));
        Assert.Equal(Enumerable.Range(0, parts.Count), parts.Select(part => StateKey.Decode(part.Key).Part));
        Assert.Equal(value, _envelope.Unpack(parts));
    }

    [Fact]
    public void Repetition_is_compressed() => Assert.InRange(Assert.Single(_envelope.Pack(Key, new byte[100_000])).Value.Length, 1, 1_000);

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    public void Every_flipped_bit_is_noticed(int length)
    {
        var (key, value) = Assert.Single(_envelope.Pack(Key, Bytes(length)));
        for (var bit = 0; bit < value.Length * 8; bit += bit < 256 ? 1 : 101)
        {
            var flipped = (byte[])value.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.Contains("expected", Assert.Throws<InvalidDataException>(() => _envelope.Unpack([(key, flipped)])).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        var parts = _envelope.Pack(Key, Bytes(50_000), partBytes: 10_000);

        var error = Assert.Throws<InvalidDataException>(() => _envelope.Unpack(parts[..^1]));

        Assert.Equal($"expected {parts.Count} parts, found {parts.Count - 1}", error.Message);
    }

    [Fact]
    public void A_part_of_an_older_value_is_not_taken_for_one_of_the_newer()
    {
        var (older, newer) = (_envelope.Pack(Key, Bytes(50_000, seed: 1), 10_000), _envelope.Pack(Key, Bytes(50_000, seed: 2), 10_000));

        Assert.Throws<InvalidDataException>(() => _envelope.Unpack([newer[0], .. older.Skip(1)]));
    }

    [Fact]
    public void A_value_under_anothers_key_is_refused()
    {
        var (_, value) = Assert.Single(_envelope.Pack(Key, Bytes(1_000)));

        Assert.Throws<InvalidDataException>(() => _envelope.Unpack([((Key with { Model = "other" }).Encode(), value)]));
    }

    [Fact]
    public void A_newer_format_is_refused_by_its_number()
    {
        var (key, value) = Assert.Single(_envelope.Pack(Key, Bytes(10)));
        value[0] = 2;

        Assert.StartsWith("expected format 1", Assert.Throws<InvalidDataException>(() => _envelope.Unpack([(key, value)])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    public void A_cut_record_is_refused(int length)
    {
        var (key, value) = Assert.Single(_envelope.Pack(Key, Bytes(1_000)));

        Assert.Throws<InvalidDataException>(() => _envelope.Unpack([(key, value[..length])]));
    }

    private static byte[] Bytes(int length, int seed = 5)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
