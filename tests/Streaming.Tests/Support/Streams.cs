using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>Seeded streams: the same bits for ever.</summary>
internal static class Streams
{
    public static IEnumerable<double> Bernoulli(int seed, params (int Count, double P)[] parts)
    {
        var random = new SplitMix(seed);
        foreach (var (count, p) in parts)
        {
            for (var i = 0; i < count; i++)
            {
                yield return random.Next() < p ? 1 : 0;
            }
        }
    }

    /// <summary>Zeros with ones at even distances: a rate without chance, so that nothing is found before it changes.</summary>
    public static IEnumerable<double> Regular(params (int Count, double Rate)[] parts) =>
        parts.SelectMany(part => Enumerable.Range(0, part.Count).Select(i => Math.Floor((i + 1) * part.Rate) - Math.Floor(i * part.Rate)));

    /// <summary>Uniform numbers in [0, 1) with <paramref name="Shift"/> added.</summary>
    public static IEnumerable<double> Uniform(int seed, params (int Count, double Shift)[] parts)
    {
        var random = new SplitMix(seed);
        foreach (var (count, shift) in parts)
        {
            for (var i = 0; i < count; i++)
            {
                yield return random.Next() + shift;
            }
        }
    }

    /// <summary>An autoregressive Gaussian stream through its own distribution function: uniform, but neighbours stick together.</summary>
    public static IEnumerable<double> Sticky(int seed, int count, double memory)
    {
        var (random, x) = (new SplitMix(seed), 0.0);
        var fresh = Math.Sqrt(1 - (memory * memory));
        for (var i = 0; i < count; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.Next())) * Math.Cos(2 * Math.PI * random.Next());
            x = (memory * x) + (fresh * normal);
            yield return MathNet.Numerics.Distributions.Normal.CDF(0, 1, x);
        }
    }

    public static int[] DriftsOf(this IEnumerable<double> values, IDriftDetector detector) =>
        [.. values.Select((value, i) => (Level: detector.Update(value), i)).Where(step => step.Level == DriftLevel.Drift).Select(step => step.i)];

    /// <summary>Values summarised in elements of <paramref name="size"/>; a last unfinished one is left out.</summary>
    public static IEnumerable<Element> Elements(this IEnumerable<double> values, int size) =>
        values.Chunk(size).Where(chunk => chunk.Length == size).Select(chunk => Moments.Summary(chunk).ToElement());

    public static int[] DriftsOf(this IEnumerable<Element> elements, IElementDetector detector) =>
        [.. elements.Select((element, i) => (Level: detector.Update(element), i)).Where(step => step.Level == DriftLevel.Drift).Select(step => step.i)];
}
