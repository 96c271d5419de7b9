namespace Streaming.Drift;

/// <summary>Counts of categories side by side, for the distances over counts.</summary>
public static class CategoryBins
{
    /// <summary>The counts of each category in both: those of the reference, commonest first, then those that only the current one has
    /// (unseen categories, each a bin of its own), then the rests together as one bin.</summary>
    /// <param name="reference">What normal was.</param>
    /// <param name="current">What is compared with it.</param>
    public static (long[] Reference, long[] Current) Of(CategoryCounts reference, CategoryCounts current)
    {
        var (before, after) = (new List<long>(), new List<long>());
        foreach (var (key, count) in reference.Sorted())
        {
            before.Add(count);
            after.Add(current[key]);
        }

        foreach (var (key, count) in current.Sorted())
        {
            if (reference[key] == 0)
            {
                before.Add(0);
                after.Add(count);
            }
        }

        before.Add(reference.Rest);
        after.Add(current.Rest);
        return ([.. before], [.. after]);
    }
}
