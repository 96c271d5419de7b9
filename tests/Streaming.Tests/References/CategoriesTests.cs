using Streaming.Drift;

namespace Streaming.Tests;

public class CategoriesTests
{
    // saved state holds keys: these numbers must never change
    [Fact]
    public void Keys_are_fixed_for_ever()
    {
        Assert.Equal(17280346270528514342ul, Categories.Key([]));
        Assert.Equal(6299020628997333013ul, Categories.Key("DE"u8));
        Assert.Equal(2644220054110733776ul, Categories.Key("Zürich"u8));
    }

    [Fact]
    public void Similar_categories_have_unlike_keys()
    {
        var keys = new HashSet<ulong>();
        var low = new HashSet<ulong>();
        for (var i = 0; i < 1_000; i++)
        {
            var key = Categories.Key(System.Text.Encoding.UTF8.GetBytes($"c{i}"));
            keys.Add(key);
            low.Add(key % 2_048);
        }

        Assert.Equal(1_000, keys.Count);
        Assert.InRange(low.Count, 750, 830); // 2,048 (1 − e^(−1000/2048)) = 791
    }
}
