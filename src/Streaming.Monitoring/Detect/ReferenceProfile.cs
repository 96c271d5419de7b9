using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>References built from training data, by stream name (<c>feature:amount</c>, <c>prediction</c> …).</summary>
public sealed class ReferenceProfile(
    IReadOnlyDictionary<string, NumericReference> numeric, IReadOnlyDictionary<string, CategoricalReference> categorical)
{
    /// <summary>The reference of a stream of numbers, where the profile has one.</summary>
    public NumericReference? Numeric(string stream) => numeric.GetValueOrDefault(stream);

    /// <summary>The reference of a stream of categories, where the profile has one.</summary>
    public CategoricalReference? Categorical(string stream) => categorical.GetValueOrDefault(stream);
}
