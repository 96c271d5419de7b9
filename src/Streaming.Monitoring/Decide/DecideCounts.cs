using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What DECIDE counted since the process started.</summary>
internal sealed class DecideCounts
{
    private readonly Dictionary<(string Model, string Detector, DriftLevel Level), long> _signals = [];
    private readonly Dictionary<(string Model, string Detector), long> _triggers = [];
    private readonly Dictionary<(string Model, string Reason), long> _suppressed = [];
    private readonly Dictionary<(string Model, string Command), long> _commands = [];
    private readonly Dictionary<(string Topic, RejectReason Reason), long> _rejected = [];

    public long PanesSkipped { get; set; }

    public long OverModelLimit { get; set; }

    public long KindConflicts { get; set; }

    public long CommandsWithoutModel { get; set; }

    public long ModelsEvicted { get; set; }

    public long DetectorsRestarted { get; set; }

    public void Signal(string model, string detector, DriftLevel level) => Add(_signals, (model, detector, level));

    public void Trigger(string model, string detector) => Add(_triggers, (model, detector));

    public void Command(ModelCommand command) =>
        Add(_commands, (command.Model, command.Kind == CommandKind.Outcome ? command.Outcome!.Value.ToString().ToLowerInvariant() : command.Kind.ToString().ToLowerInvariant()));

    public void Suppress(string model, string reason) => Add(_suppressed, (model, reason));

    public void Reject(string topic, RejectReason reason) => Add(_rejected, (topic, reason));

    public StageSnapshot Snapshot(IReadOnlyList<StreamStanding> streams) => new()
    {
        Streams = streams,
        Signals = [.. _signals.Select(static entry => new SignalCount(entry.Key.Model, entry.Key.Detector, entry.Key.Level, entry.Value))],
        Triggers = [.. _triggers.Select(static entry => new TriggerCount(entry.Key.Model, entry.Key.Detector, entry.Value))],
        Suppressed = [.. _suppressed.Select(static entry => new SuppressedCount(entry.Key.Model, entry.Key.Reason, entry.Value))],
        Commands = [.. _commands.Select(static entry => new CommandCount(entry.Key.Model, entry.Key.Command, entry.Value))],
        DeadLetters = [.. _rejected.Select(static entry => new DeadLetterCount(entry.Key.Topic, entry.Key.Reason.Text(), entry.Value))],
        Occurrences =
        [
            new("panes_skipped", PanesSkipped), new("kind_conflicts", KindConflicts), new("decide_over_model_limit", OverModelLimit),
            new("commands_without_model", CommandsWithoutModel), new("models_evicted", ModelsEvicted), new("detectors_restarted", DetectorsRestarted),
        ],
    };

    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key)
        where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;
}
