using System.ComponentModel.DataAnnotations;

namespace Streaming.Monitoring;

/// <summary>Whether decisions leave the process.</summary>
public enum Mode : byte
{
    /// <summary>Signals and metrics only; triggers are counted as suppressed.</summary>
    Observe,

    /// <summary>Triggers are published.</summary>
    Trigger,

    /// <summary>Triggers are published as proposals among the signals, and as triggers once someone approves.</summary>
    Approve,
}

/// <summary>What a dead letter holds of the record that could not be used.</summary>
public enum DeadLetterContent : byte
{
    /// <summary>Where the record lies and what was wrong: nothing that its producer wrote but the name of the field.</summary>
    Reference,

    /// <summary>Key, value and headers too.</summary>
    Record,
}

/// <summary>When drift of inputs alone may trigger.</summary>
public enum InputDriftTrigger : byte
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>For a model that has never had a label.</summary>
    WithoutLabels,

    /// <summary>Always.</summary>
    Always,
}

/// <summary>Everything about events, streams, detectors and policies that can be configured. Every option has a default.</summary>
public sealed record MonitoringOptions
{
    /// <summary>Name of the group, part of every signal's identity and of <c>source</c>.</summary>
    /// <value>1 to 200 characters. Default <c>driftd</c>.</value>
    [Required, StringLength(200, MinimumLength = 1)]
    public string Group { get; init; } = "driftd";

    /// <summary>Where the fields of an event are found.</summary>
    public EventMapping Mapping { get; init; } = new();

    /// <summary>Event time a reference must span before it is complete.</summary>
    /// <value>0 to 30 days. Default 24 h. 0: complete at 2,000 values.</value>
    public TimeSpan LearnFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Whether triggers are published.</summary>
    /// <value>observe, trigger or approve. Default trigger.</value>
    public Mode Mode { get; init; } = Mode.Trigger;

    /// <summary>Longest time between the change and the record that showed it for which a trigger is still published.</summary>
    /// <value>1 s or more; null switches the limit off. Default 24 h.</value>
    public TimeSpan? TriggerMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Whether drift of the prediction together with features may trigger.</summary>
    /// <value>never, withoutLabels, always. Default withoutLabels.</value>
    public InputDriftTrigger TriggerOnInputDrift { get; init; } = InputDriftTrigger.WithoutLabels;

    /// <summary>Labels will come: input drift alone must not trigger even before the first one.</summary>
    /// <value>Default false.</value>
    public bool ExpectLabels { get; init; }

    /// <summary>How long after its prediction, in event time, a label of a labels topic is still used; each model by its own entry, else by that of <c>""</c>.</summary>
    /// <value>1 s to 365 days each. Default 7 days for every model.</value>
    public LabelHorizons LabelHorizons { get; init; } = new();

    /// <summary>Predictions that a partition keeps until their labels come, the oldest out first; a quarter as many labels wait for predictions.</summary>
    /// <value>1,000 to 100,000,000. Default 1,000,000.</value>
    [Range(1_000, 100_000_000)]
    public int MaxOpenPredictions { get; init; } = 1_000_000;

    /// <summary>Event time after a trigger during which the same model gives no other.</summary>
    /// <value>0 to 365 days. Default 1 h.</value>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many triggers a model may give within a stretch of event time.</summary>
    /// <value>1 to 1,000 triggers per 1 s to 365 days; null is no limit. Default null.</value>
    public TriggerBudget? Budget { get; init; }

    /// <summary>Different streams that must stand in Drift before a trigger (k of n).</summary>
    /// <value>1 to 100. Default 1.</value>
    [Range(1, 100)]
    public int Confirmations { get; init; } = 1;

    /// <summary>Confidence of ADWIN on the error stream and on u-values (δ).</summary>
    /// <value>Above 0, below 1. Default 0.002.</value>
    [Range(1e-12, 0.999)]
    public double AdwinDelta { get; init; } = 0.002;

    /// <summary>Event time without an event after which a model version is forgotten; should it come back, it starts anew.</summary>
    /// <value>1 h to 10 years. Default 30 days.</value>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan ModelIdle { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Model versions a partition keeps; events of further ones are counted and ignored.</summary>
    /// <value>1 to 1,000,000. Default 10,000.</value>
    [Range(1, 1_000_000)]
    public int MaxModels { get; init; } = 10_000;

    /// <summary>Features of a model version that are watched; further ones are ignored.</summary>
    /// <value>1 to 100,000. Default 1,000.</value>
    [Range(1, 100_000)]
    public int MaxFeatures { get; init; } = 1_000;

    /// <summary>What a dead letter holds of the record.</summary>
    /// <value>reference or record. Default reference.</value>
    public DeadLetterContent DeadLetters { get; init; }

    /// <summary>What of an event may be named, and what nobody may read.</summary>
    public SensitiveFields Sensitive { get; init; } = new();

    /// <summary>Pairs of stream and detector of a model version that metrics show; streams beyond it are watched all the same, and counted.</summary>
    /// <value>10 to 100,000. Default 200.</value>
    [Range(10, 100_000)]
    public int MaxModelSeries { get; init; } = 200;

    /// <summary>References built from training data, the same for every partition; without one they are learnt from the first events.</summary>
    /// <value>Default none.</value>
    public ReferenceProfile? Profile { get; init; }

    /// <summary>Largest value of a record that is parsed.</summary>
    /// <value>1 KiB to 16 MiB, bytes. Default 256 KiB.</value>
    [Range(1_024, 16 * 1_024 * 1_024)]
    public int MaxRecordBytes { get; init; } = 256 * 1_024;
}
