namespace Streaming.Monitoring;

/// <summary>How long after its prediction a label is still used: one horizon for every model, and others for models by name.</summary>
public sealed record LabelHorizons
{
    /// <summary>Shortest horizon.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Longest horizon.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromDays(365);

    private static readonly IReadOnlyDictionary<string, TimeSpan> None = new Dictionary<string, TimeSpan>();

    /// <summary>The horizon of models that are not named.</summary>
    /// <value>1 s to 365 days. Default 7 days.</value>
    public TimeSpan Default { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Horizons of single models.</summary>
    /// <value>1 s to 365 days each. Default none.</value>
    public IReadOnlyDictionary<string, TimeSpan> Models { get; init; } = None;

    /// <summary>The horizon of a model, milliseconds.</summary>
    public long Of(string model) => (long)Models.GetValueOrDefault(model, Default).TotalMilliseconds;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(',', Models.OrderBy(static model => model.Key, StringComparer.Ordinal).Select(static model => $"{model.Key}={model.Value:c}").Prepend($"{Default:c}"));
}
