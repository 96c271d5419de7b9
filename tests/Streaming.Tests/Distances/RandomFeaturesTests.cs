using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class RandomFeaturesTests
{
    [Fact]
    public void The_cosine_is_the_cosine()
    {
        for (var x = -300.0; x < 300; x += 0.0371)
        {
            Assert.Equal(Math.Cos(x), RandomFeatures.Cosine(x), 1e-13);
        }
    }

    [Property(MaxTest = 30)]
    public void A_window_that_slides_has_the_bits_of_the_batch(byte extra, int seed)
    {
        var features = new RandomFeatures(1, 32, 0.5, 7);
        var (values, reference, sliding, batch) = (Samples.Uniform(20 + extra, seed), new FeatureSums(features), new FeatureSums(features), new FeatureSums(features));
        reference.AddRows(Samples.Uniform(50, 1));
        for (var i = 0; i < values.Length; i++)
        {
            sliding.Add(values.AsSpan(i, 1));
            if (i >= 20)
            {
                sliding.Remove(values.AsSpan(i - 20, 1));
            }
        }

        batch.AddRows(values.AsSpan(^20..));

        Assert.Equal((20, batch.Mmd(reference)), (sliding.Count, sliding.Mmd(reference)));
    }

    [Fact]
    public void Another_seed_gives_other_features_and_the_same_seed_the_same()
    {
        var found = ((int[])[1, 1, 2]).Select(seed => Mmd.OfSamples(new PreparedReference([0, 1, 2]), [3, 4, 5], new MmdOptions { Features = 16, Seed = seed }).Statistic).ToArray();

        Assert.Equal(found[0], found[1]);
        Assert.NotEqual(found[0], found[2]);
    }
}
