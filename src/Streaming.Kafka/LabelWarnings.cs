using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Says once what keeps labels from their predictions.</summary>
internal sealed class LabelWarnings(KafkaOptions options, Layout layout, ILogger log)
{
    private const double HighShare = 0.2;
    private const long FewestLabels = 1_000;

    private readonly Dictionary<string, KeyPlacement> _placements = options.Labels.SelectMany(static pair =>
    {
        var placement = new KeyPlacement(pair.Key, pair.Value);
        return new[] { KeyValuePair.Create(pair.Key, placement), KeyValuePair.Create(pair.Value, placement) };
    }).ToDictionary();

    private bool _saidShare;
    private bool _knowsPlacements;

    /// <summary>Looks at where a key lies, until enough were seen.</summary>
    public void Observe(string topic, int partition, byte[]? key)
    {
        if (!_knowsPlacements && _placements.TryGetValue(topic, out var placement))
        {
            placement.Observe(layout.IsLabels(topic), key, partition, layout.Partitions(topic));
        }
    }

    /// <summary>Says what there is to say.</summary>
    public void Say(StageSnapshot stage)
    {
        _knowsPlacements = true;
        foreach (var placement in _placements.Values)
        {
            _knowsPlacements &= placement.IsDone;
            if (placement.Mismatch() is { } mismatch)
            {
                log.LogWarning(LogEvents.KeysDiffer, "detect: {Mismatch}", mismatch);
            }
        }

        if (!_saidShare && stage.Labels.Taken >= FewestLabels && stage.Labels.UnmatchedShare > HighShare)
        {
            _saidShare = true;
            log.LogWarning(
                LogEvents.LabelsUnmatched, "detect: {Share:0} % of {Labels} labels found no prediction: are ids, keys, partitioner and labelHorizon right?",
                100 * stage.Labels.UnmatchedShare, stage.Labels.Taken);
        }
    }
}
