using System.Buffers;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Where a pane lies in its log, and whether an earlier run has taken it before.</summary>
internal readonly record struct PanePlace(long Offset, long RecordTime, bool Replayed);

/// <summary>One model, all its versions: signals of their streams, and the policies that make triggers of them.</summary>
internal sealed class ModelMonitor : IKept, IDisposable
{
    private readonly MonitoringOptions _options;
    private readonly StateKey _key;
    private readonly byte[] _keyBytes;
    private readonly string _configHash;
    private readonly Dictionary<string, VersionMonitor> _versions = new(StringComparer.Ordinal);
    private readonly Subject<DriftSignal> _signals = new();
    private readonly ConfirmMemory _confirmed = new();
    private readonly ConfirmMemory _inputs = new();
    private readonly CooldownMemory _cooldown = new();
    private readonly BudgetMemory _budget = new();
    private readonly PendingTriggers _pending = new();
    private readonly DecideCounts _counts;
    private readonly IDisposable _subscription;
    private List<OutputRecord> _output = [];
    private readonly List<string> _idle = [];
    private PanePlace _place;
    private int _ordinal;
    private long _now = long.MinValue;
    private bool _hasLabels;
    private string _triggered = "";
    private long _lastTrigger = long.MinValue;

    public ModelMonitor(MonitoringOptions options, StateKey key, string configHash, DecideCounts counts)
    {
        (_options, _key, _keyBytes, _configHash, _counts) = (options, key, key.Encode(), configHash, counts);
        var alone = _signals.Confirm(options.Confirmations, _confirmed);
        var together = _signals.Where(static signal => StreamDefaults.IsInput(signal.Stream))
            .ConfirmInputs(FeaturesNeeded, _inputs).Where(_ => InputsMayTrigger());
        _subscription = alone.Merge(together)
            .Where(NotTooOld)
            .Cooldown(options.Cooldown, _cooldown, _ => Suppress("cooldown"))
            .Budget(options.Budget, _budget, _ => Suppress("budget"))
            .Subscribe(Publish);
    }

    public IReadOnlyCollection<VersionMonitor> Versions => _versions.Values;

    public string Model => _key.Model;

    /// <summary>What its policies remember.</summary>
    public ModelStanding Standing => new(
        Model, TimeSpan.FromMilliseconds(Math.Max(0, _cooldown.Until == long.MinValue ? 0 : _cooldown.Until - Watermark)),
        _lastTrigger == long.MinValue ? null : _lastTrigger);

    /// <summary>Largest event time of its panes.</summary>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>First offset of the panes partition that it has not taken.</summary>
    public long Contained { get; private set; }

    /// <inheritdoc/>
    public long FirstUnsaved { get; private set; } = long.MaxValue;

    /// <summary>Takes a pane. In a replay memory moves on, and nothing is written: an earlier run has done so.</summary>
    public void Take(Pane pane, in PanePlace place, List<OutputRecord> output)
    {
        (_place, _output, _ordinal) = (place, output, 0);
        (Contained, FirstUnsaved) = (place.Offset + 1, Math.Min(FirstUnsaved, place.Offset));
        (_now, Watermark) = (Math.Max(_now, place.RecordTime), Math.Max(Watermark, pane.Watermark));
        _hasLabels |= pane.Labels > 0;
        DropIdleVersions();
        if (VersionOf(pane.Version) is not { } version)
        {
            _counts.OverModelLimit += place.Replayed ? 0 : 1;
            return;
        }

        switch (version.Take(pane, place.RecordTime, _now, place.Replayed))
        {
            case null:
                _counts.PanesSkipped += place.Replayed ? 0 : 1;
                break;
            case true:
                Judge(version);
                break;
            default:
                break;
        }
    }

    /// <summary>Takes what someone says about this model.</summary>
    public void Take(ModelCommand command, in PanePlace place, List<OutputRecord> output)
    {
        (_place, _output) = (place, output);
        (Contained, FirstUnsaved) = (place.Offset + 1, Math.Min(FirstUnsaved, place.Offset));
        if (!place.Replayed)
        {
            _counts.Command(command);
        }

        switch (command.Kind)
        {
            case CommandKind.Outcome:
                Follow(command);
                break;
            case CommandKind.Relearn:
                Relearn(command.Version);
                break;
            default:
                Approve(command.Trigger!);
                break;
        }
    }

    /// <inheritdoc/>
    public OutputRecord Save()
    {
        var bytes = new ArrayBufferWriter<byte>(16_384);
        var writer = new StateWriter(bytes);
        var summary = new StateSummary(
            Contained, Versions.Sum(static version => version.Events), Versions.Sum(static version => version.Labels),
            Versions.Sum(static version => version.Errors), Watermark);
        summary.Save(ref writer);
        writer.Write(_now);
        writer.Write(_hasLabels);
        writer.Write(_triggered);
        writer.Write(_lastTrigger);
        _confirmed.Save(ref writer);
        _inputs.Save(ref writer);
        _cooldown.Save(ref writer);
        _budget.Save(ref writer);
        _pending.Save(ref writer);
        writer.Count(_versions.Count);
        foreach (var version in _versions.Values.OrderBy(static version => version.Version, StringComparer.Ordinal))
        {
            writer.Write(version.Version);
            version.Save(ref writer);
        }

        FirstUnsaved = long.MaxValue;
        return State(bytes.WrittenSpan.ToArray());
    }

    /// <summary>The record that makes saved state forget this model.</summary>
    public OutputRecord Bury() => State(null);

    /// <summary>Reads what <see cref="Save"/> wrote into a new monitor; returns how many detectors begin anew because their options changed.</summary>
    public int Load(ReadOnlySpan<byte> value)
    {
        var reader = new StateReader(value);
        var summary = StateSummary.Load(ref reader);
        (Contained, Watermark) = (summary.Contained, summary.Watermark);
        (_now, _hasLabels, _triggered, _lastTrigger) = (reader.Int64(), reader.Bool(), reader.Text(), reader.Int64());
        _confirmed.Load(ref reader);
        _inputs.Load(ref reader);
        _cooldown.Load(ref reader);
        _budget.Load(ref reader);
        _pending.Load(ref reader);
        var restarted = 0;
        for (var left = reader.Length(40); left > 0; left--)
        {
            var version = new VersionMonitor(reader.Text(), _options, _counts);
            restarted += version.Load(ref reader);
            _versions[version.Version] = version;
        }

        reader.RequireEnd();
        return restarted;
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _signals.Dispose();
    }

    private VersionMonitor? VersionOf(string name)
    {
        if (!_versions.TryGetValue(name, out var version) && _versions.Count < _options.MaxModels)
        {
            _versions[name] = version = new VersionMonitor(name, _options, _counts);
        }

        return version;
    }

    private void DropIdleVersions()
    {
        var limit = Watermark - _options.ModelIdle.TotalMilliseconds;
        foreach (var version in _versions.Values)
        {
            if (version.Watermark < limit)
            {
                _idle.Add(version.Version);
            }
        }

        foreach (var version in _idle)
        {
            _versions.Remove(version);
            _confirmed.Forget(version);
            _inputs.Forget(version);
            _counts.ModelsEvicted += _place.Replayed ? 0 : 1;
        }

        _idle.Clear();
    }

    private OutputRecord State(byte[]? value) => new(OutputTopic.State, (uint)_key.Partition, _keyBytes, value);

    private void Judge(VersionMonitor version)
    {
        foreach (var stream in version.Streams)
        {
            for (var i = 0; i < stream.Watches.Count; i++)
            {
                var (watch, before) = (stream.Watches[i], stream.Published[i]);

                // while a detector gathers values for a new concept, what it said last still stands
                if (watch.Level == DriftLevel.Learning || watch.Level == before)
                {
                    continue;
                }

                stream.Publish(i, watch.Level, version.Watermark);
                if (watch.Level >= DriftLevel.Warning || before >= DriftLevel.Warning)
                {
                    Signal(version, stream, watch, before);
                }
            }
        }
    }

    private void Signal(VersionMonitor version, ModelStream stream, IWatch watch, DriftLevel before)
    {
        var (changedAt, _) = version.History.Since(Math.Max(1, watch.ChangeRounds));
        var signal = new DriftSignal
        {
            Id = CloudEvent.Identity(
                _options.Group, _key.Partition.ToString(), _place.Offset.ToString(), _key.Model, version.Version, stream.Name, watch.Detector, "model",
                (_ordinal++).ToString(), _configHash),
            Group = _options.Group,
            Model = _key.Model,
            Version = version.Version,
            Stream = stream.Name,
            Detector = watch.Detector,
            Level = watch.Level,
            PreviousLevel = before,
            Evidence = watch.Evidence,
            DetectedAt = version.Watermark,
            ChangedAt = changedAt,
            ChangeRounds = watch.ChangeRounds,
            Round = version.Rounds,
            RecordTime = _place.RecordTime,
            MayTrigger = StreamDefaults.MayTrigger(stream.Name),
            Where = stream.Name == ErrorStream.Name && watch.Level >= DriftLevel.Warning ? version.Where(Math.Max(1, watch.ChangeRounds)) : [],
        };
        if (!_place.Replayed)
        {
            _output.Add(SignalWords.Explain(signal, version).ToRecord());
            _counts.Signal(_key.Model, watch.Detector, watch.Level);
        }

        _signals.OnNext(signal);
    }

    private int FeaturesNeeded(DriftSignal signal) => Math.Max(2, (_versions[signal.Version].Features + 4) / 5);

    private bool InputsMayTrigger() => _options.TriggerOnInputDrift switch
    {
        InputDriftTrigger.Always => true,
        InputDriftTrigger.WithoutLabels => !_hasLabels && !_options.ExpectLabels,
        _ => false,
    };

    private bool NotTooOld(Decision decision)
    {
        if (_options.TriggerMaxAge is not { } limit || decision.Signal.RecordTime - decision.Lead.ChangedAt <= limit.TotalMilliseconds)
        {
            return true;
        }

        Suppress("age");
        return false;
    }

    private void Publish(Decision decision)
    {
        if (_options.Mode == Mode.Observe)
        {
            Suppress("observe");
            return;
        }

        _triggered = decision.Signal.Version;
        _lastTrigger = _options.Mode == Mode.Approve ? _lastTrigger : decision.Signal.DetectedAt;
        if (_place.Replayed && _options.Mode == Mode.Trigger)
        {
            return;
        }

        var (signal, lead) = (decision.Signal, decision.Lead);
        var version = _versions[signal.Version];
        var changeRounds = Math.Max(1, lead.ChangeRounds) + version.Rounds - lead.Round;
        var explained = SignalWords.Explain(lead with { DetectedAt = signal.DetectedAt }, version);
        var trigger = new RetrainTrigger
        {
            Id = CloudEvent.Identity(decision.Policy, signal.Id),
            Signal = explained,
            Reason = SignalWords.Reason(decision, version),
            Summary = explained.Summary,
            Evidence = decision.Standing,
            FreshData = version.History.Since(changeRounds).Spans,
            Contributors = explained.Contributors,
            Moved = explained.Moved,
            ConfigHash = _configHash,
            CooldownUntil = _cooldown.Until,
        };
        if (_options.Mode == Mode.Approve)
        {
            Propose(trigger);
            return;
        }

        _output.Add(trigger.ToRecord());
        _counts.Trigger(_key.Model, signal.Detector);
    }

    private void Propose(RetrainTrigger trigger)
    {
        _pending.Add(trigger.Id, trigger.ToRecord().Value!);
        if (!_place.Replayed)
        {
            _output.Add(trigger.ToProposal());
        }
    }

    private void Approve(string trigger)
    {
        if (_pending.Take(trigger) is not { } value)
        {
            return;
        }

        _lastTrigger = Watermark;
        if (!_place.Replayed)
        {
            _output.Add(RetrainTrigger.RecordOf(_key.Model, value));
            _counts.Trigger(_key.Model, "approved");
        }
    }

    /// <summary>A retraining that is under way keeps other triggers back; one that has ended lets the next pass.</summary>
    private void Follow(ModelCommand command)
    {
        if (command.Outcome is TrainingOutcome.Accepted or TrainingOutcome.Trained)
        {
            _cooldown.Extend(Watermark, _options.Cooldown);
            return;
        }

        _cooldown.End();

        // a new version has monitors of its own, which may have begun before this was said; the version that triggered is a new model under an old name
        if (command.Outcome == TrainingOutcome.Deployed && (command.Version is null || command.Version == _triggered))
        {
            Relearn(command.Version);
        }
    }

    private void Relearn(string? only)
    {
        foreach (var version in _versions.Values.Where(version => only is null || version.Version == only))
        {
            version.Relearn();
            _confirmed.Forget(version.Version);
            _inputs.Forget(version.Version);
        }
    }

    private void Suppress(string reason)
    {
        if (!_place.Replayed)
        {
            _counts.Suppress(_key.Model, reason);
        }
    }
}
