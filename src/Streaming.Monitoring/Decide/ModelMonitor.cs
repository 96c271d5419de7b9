using System.Reactive.Linq;
using System.Reactive.Subjects;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One model, all its versions: signals of their streams, and the policies that make triggers of them.</summary>
internal sealed class ModelMonitor : IDisposable
{
    private readonly MonitoringOptions _options;
    private readonly string _model;
    private readonly string _configHash;
    private readonly Dictionary<string, VersionMonitor> _versions = new(StringComparer.Ordinal);
    private readonly Subject<DriftSignal> _signals = new();
    private readonly ConfirmMemory _confirmed = new();
    private readonly ConfirmMemory _inputs = new();
    private readonly CooldownMemory _cooldown = new();
    private readonly DecideCounts _counts;
    private readonly IDisposable _subscription;
    private List<OutputRecord> _output = [];
    private bool _hasLabels;

    public ModelMonitor(MonitoringOptions options, string model, string configHash, DecideCounts counts)
    {
        (_options, _model, _configHash, _counts) = (options, model, configHash, counts);
        var alone = _signals.Where(static signal => signal.MayTrigger).Confirm(options.Confirmations, _confirmed);
        var together = _signals.Where(static signal => StreamDefaults.IsInput(signal.Stream))
            .ConfirmInputs(FeaturesNeeded, _inputs).Where(_ => InputsMayTrigger());
        _subscription = alone.Merge(together)
            .Where(NotTooOld)
            .Cooldown(options.Cooldown, _cooldown, decision => _counts.Suppress(_model, "cooldown"))
            .Subscribe(Publish);
    }

    public IReadOnlyCollection<VersionMonitor> Versions => _versions.Values;

    public string Model => _model;

    public void Take(Pane pane, int panesPartition, long offset, long recordTime, long now, List<OutputRecord> output)
    {
        if (!_versions.TryGetValue(pane.Version, out var version))
        {
            if (_versions.Count == _options.MaxModels)
            {
                _counts.OverModelLimit++;
                return;
            }

            _versions[pane.Version] = version = new VersionMonitor(pane.Version, _options);
        }

        _output = output;
        _hasLabels |= pane.Labels > 0;
        switch (version.Take(pane, recordTime, now))
        {
            case null:
                _counts.PanesSkipped++;
                break;
            case true:
                Judge(version, panesPartition, offset, recordTime);
                break;
            default:
                break;
        }
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _signals.Dispose();
    }

    private void Judge(VersionMonitor version, int panesPartition, long offset, long recordTime)
    {
        var ordinal = 0;
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

                stream.Published[i] = watch.Level;
                if (watch.Level >= DriftLevel.Warning || before >= DriftLevel.Warning)
                {
                    Signal(version, stream, watch, before, (panesPartition, offset, recordTime, ordinal++));
                }
            }
        }
    }

    private void Signal(
        VersionMonitor version, ModelStream stream, IWatch watch, DriftLevel before, (int Partition, long Offset, long RecordTime, int Ordinal) pane)
    {
        var (changedAt, _) = version.History.Since(Math.Max(1, watch.ChangeRounds));
        var signal = new DriftSignal
        {
            Id = CloudEvent.Identity(
                _options.Group, pane.Partition.ToString(), pane.Offset.ToString(), _model, version.Version, stream.Name, watch.Detector, "model",
                pane.Ordinal.ToString(), _configHash),
            Group = _options.Group,
            Model = _model,
            Version = version.Version,
            Stream = stream.Name,
            Detector = watch.Detector,
            Level = watch.Level,
            PreviousLevel = before,
            Evidence = watch.Evidence,
            DetectedAt = version.Watermark,
            ChangedAt = changedAt,
            ChangeRounds = watch.ChangeRounds,
            RecordTime = pane.RecordTime,
            MayTrigger = StreamDefaults.MayTrigger(stream.Name),
            Where = stream.Name == ErrorStream.Name && watch.Level >= DriftLevel.Warning ? version.Where(Math.Max(1, watch.ChangeRounds)) : [],
        };
        _output.Add(signal.ToRecord());
        _counts.Signal(_model, watch.Detector, watch.Level);
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
        if (_options.TriggerMaxAge is not { } limit || decision.Signal.RecordTime - decision.Signal.ChangedAt <= limit.TotalMilliseconds)
        {
            return true;
        }

        _counts.Suppress(_model, "age");
        return false;
    }

    private void Publish(Decision decision)
    {
        if (_options.Mode == Mode.Observe)
        {
            _counts.Suppress(_model, "observe");
            return;
        }

        var signal = decision.Signal;
        var version = _versions[signal.Version];
        var contributors = TriggerWords.Contributors(version);
        var trigger = new RetrainTrigger
        {
            Id = CloudEvent.Identity(decision.Policy, signal.Id),
            Signal = signal,
            Reason = TriggerWords.Reason(decision, version),
            Evidence = decision.Standing,
            FreshData = version.History.Since(Math.Max(1, signal.ChangeRounds)).Spans,
            Contributors = contributors,
            ConfigHash = _configHash,
            CooldownUntil = _cooldown.Until,
        };
        _output.Add(trigger.ToRecord());
        _counts.Trigger(_model, signal.Detector);
    }
}
