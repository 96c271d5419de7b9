using System.Text;
using Streaming.Kafka;

namespace Streaming.Tests;

public class KeyPlacementTests
{
    /// <remarks>Values that the tests of Kafka's own clients hold, with the sign bit cleared.</remarks>
    [Theory]
    [InlineData("21", 1_173_551_340)]
    [InlineData("foobar", 1_357_151_166)]
    [InlineData("a-little-bit-long-string", 1_161_502_112)]
    public void Keys_are_hashed_as_Java_producers_hash_them(string key, int expected) =>
        Assert.Equal(expected, KeyPlacement.Murmur2(Encoding.UTF8.GetBytes(key), int.MaxValue));

    [Fact]
    public void The_check_value_of_CRC_32_is_right() => Assert.Equal((int)(0xcbf43926 % 1_000), KeyPlacement.Crc("123456789"u8, 1_000));

    [Fact]
    public void Topics_whose_keys_were_placed_by_different_rules_are_named_once()
    {
        var placement = new KeyPlacement("predictions", "labels");
        for (var i = 0; i < 50; i++)
        {
            var key = Encoding.UTF8.GetBytes("key" + i);
            placement.Observe(false, key, KeyPlacement.Murmur2(key, 6), 6);
            placement.Observe(true, key, KeyPlacement.Crc(key, 6), 6);
        }

        Assert.StartsWith("keys of predictions lie as murmur2 places them, keys of labels as CRC-32 places them", placement.Mismatch(), StringComparison.Ordinal);
        Assert.Null(placement.Mismatch());
    }

    [Fact]
    public void Topics_whose_keys_were_placed_alike_are_not()
    {
        var placement = new KeyPlacement("predictions", "labels");
        for (var i = 0; i < 50; i++)
        {
            var key = Encoding.UTF8.GetBytes("key" + i);
            placement.Observe(i % 2 == 0, key, KeyPlacement.Crc(key, 6), 6);
        }

        Assert.Null(placement.Mismatch());
    }
}
