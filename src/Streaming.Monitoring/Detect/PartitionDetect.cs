using System.Text;

namespace Streaming.Monitoring;

/// <summary>All model versions on one partition of a predictions topic.</summary>
internal sealed class PartitionDetect(MonitoringOptions options, EventDecoder decoder, DetectCounts counts, MonitoredPartition input)
{
    private const long ClampAfterMilliseconds = 3_600_000;

    private readonly byte[] _topicName = Encoding.UTF8.GetBytes(input.Topic);
    private readonly double _idleMilliseconds = options.ModelIdle.TotalMilliseconds;
    private readonly DecodedEvent _decoded = new();
    private readonly MonitorTable _table = new();
    private readonly PartitionLabels _labels = new(options, input);
    private readonly Dictionary<(string Model, string Version), (LogOffsets End, Guid LabelsId)> _cursors = [];
    private readonly List<PartitionMonitor> _restarted = [];
    private LogOffsets _from;
    private LogOffsets _replayUntil;
    private LogOffsets _next;
    private bool _isReplaying;
    private bool _isUsable;
    private bool _isLabelUsable;

    public IReadOnlyList<PartitionMonitor> Monitors => _table.Monitors;

    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Labels of this partition; empty where there is no labels topic.</summary>
    public PartitionLabels Labels => _labels;

    /// <summary>First place that is in no saved state; while a replay lasts, none behind it counts as saved.</summary>
    public long? FirstUnsaved
    {
        get
        {
            var unsaved = SaveOrder.FirstUnsaved(Monitors);
            return _isReplaying ? Math.Min(unsaved ?? long.MaxValue, _next.Sum) : unsaved;
        }
    }

    public void Load(in StateKey key, ReadOnlySpan<byte> value)
    {
        key.Require(input.TopicId, input.Partition);
        if (key.Kind == StateKind.Join)
        {
            _labels.Load(value);
            return;
        }

        var monitor = _table.Find(key.Model, key.Version);
        if (key.Kind == StateKind.Cursor)
        {
            var end = PartitionMonitor.LoadCursor(value);
            _cursors[(key.Model, key.Version)] = end;
            if (monitor is not null)
            {
                monitor.Cursor = OfTheseLabels(end);
            }

            return;
        }

        monitor = New(key.Model, key.Version);
        monitor.Load(value);
        _table.Set(monitor);
        Watermark = Math.Max(Watermark, monitor.Watermark);
        if (monitor.Restarted)
        {
            counts.DetectorsRestarted++;
            _restarted.Add(monitor);
        }
    }

    /// <summary>Labels come from this partition; reading begins at these offsets.</summary>
    public void Pair(MonitoredPartition labels, LogOffsets from)
    {
        (input.Labels, _next, _from) = (labels, from, from);
        _labels.Begin(from);
        foreach (var monitor in Monitors)
        {
            monitor.ForgetOtherLabels(from);
            monitor.Cursor = OfTheseLabels(_cursors.GetValueOrDefault((monitor.Model, monitor.Version)));
        }
    }

    public void BeginReplay(long committed)
    {
        (_replayUntil, _next, _isReplaying) = (_replayUntil with { Predictions = committed }, input.Labels is null ? default : _next, true);
        _labels.BeginReplay();
    }

    /// <summary>The same for its labels. One of the two may have nothing committed: all of it is new.</summary>
    public void BeginLabelsReplay(long committed)
    {
        (_replayUntil, _isReplaying) = (_replayUntil with { Labels = committed }, true);
        _labels.BeginReplay();
    }

    public void EndReplay()
    {
        if (!_isReplaying)
        {
            return;
        }

        while (_labels.TryFinish(out var gone))
        {
            JudgeGone(gone);
        }

        foreach (var monitor in Monitors)
        {
            monitor.DropPaneBefore(_replayUntil);
        }

        _isReplaying = false;
        _cursors.Clear();
        if (input.Labels is not null)
        {
            _labels.EndReplay(_next);
        }
    }

    public void Process(in LogRecord record, List<OutputRecord> output)
    {
        if (_isReplaying && record.Offset >= _replayUntil.Predictions)
        {
            EndReplay();
        }

        if (_restarted.Count > 0 && !_isReplaying)
        {
            SaveRestarted(output);
        }

        JudgeGone(isLabel: false, record.Offset);
        var at = _next with { Predictions = record.Offset };
        _next = at with { Predictions = record.Offset + 1 };
        var reason = record.Value is null ? RejectReason.NullValue : decoder.Decode(record.Value, _decoded);
        var field = reason is RejectReason.None or RejectReason.NullValue ? "" : decoder.RejectedField(record.Value, _decoded);
        if (reason == RejectReason.None)
        {
            field = Take(record, at, output) ?? "";
            reason = field.Length > 0 ? RejectReason.WrongType : RejectReason.None;
        }

        if (reason == RejectReason.None && !_isUsable)
        {
            _isUsable = true;
            counts.First.Used(input.Topic);
        }

        if (reason != RejectReason.None && !_isReplaying)
        {
            counts.Reject(input.Topic, reason);
            counts.First.Refused(input.Topic, record, reason, field);
            output.Add(DeadLetter.Of(input.Topic, input.Partition, record, reason, field, options));
        }
    }

    /// <summary>Takes a record of the labels topic.</summary>
    public void ProcessLabel(in LogRecord record, List<OutputRecord> output)
    {
        if (_isReplaying && record.Offset >= _replayUntil.Labels)
        {
            EndReplay();
        }

        if (_restarted.Count > 0 && !_isReplaying)
        {
            SaveRestarted(output);
        }

        JudgeGone(isLabel: true, record.Offset);
        var at = _next with { Labels = record.Offset };
        _next = at with { Labels = record.Offset + 1 };
        if (_isReplaying)
        {
            Judge(_labels.Replay(isLabel: true, record.Offset), record.Timestamp, at, output);
            return;
        }

        var reason = record.Value is null ? RejectReason.NullValue : decoder.DecodeLabel(record.Value, _decoded);
        if (reason != RejectReason.None)
        {
            var (labels, field) = (input.Labels!, record.Value is null ? "" : decoder.RejectedField(record.Value, _decoded));
            counts.Reject(labels.Topic, reason);
            counts.First.Refused(labels.Topic, record, reason, field);
            output.Add(DeadLetter.Of(labels.Topic, labels.Partition, record, reason, field, options));
            return;
        }

        if (!_isLabelUsable)
        {
            _isLabelUsable = true;
            counts.First.Used(input.Labels!.Topic);
        }

        var time = TimeOf(record, out var clamped);
        counts.ClampedTimes += clamped ? 1 : 0;
        counts.WithoutKey += record.Key is null ? 1 : 0;
        Judge(_labels.TakeLabel(_decoded, record.Value, record.Offset, time), record.Timestamp, at, output);
    }

    /// <summary>Closes what is open, in the order in which it began. In a replay nothing is closed: it only repeats what was.</summary>
    public void Close(PaneEnd end, List<OutputRecord> output)
    {
        if (_isReplaying)
        {
            return;
        }

        foreach (var monitor in Monitors.Where(static monitor => monitor.IsOpen).OrderBy(static monitor => monitor.PaneFrom).ToArray())
        {
            Close(monitor, end, output);
            if (end == PaneEnd.Idle)
            {
                // a replay cannot know that the wall clock closed this pane, so it must never have to repeat it
                output.Add(monitor.Save());
            }
        }
    }

    public void Save(in SaveScope scope, List<OutputRecord> output)
    {
        if (_isReplaying)
        {
            return;
        }

        SaveOrder.Save(Monitors, scope, output);
        Evict(output);
        if (input.Labels is not null)
        {
            _labels.Save(_next, FirstUnsaved ?? _next.Sum, output);
        }
    }

    /// <summary>Takes a decoded event; returns the field that does not fit, where one does not.</summary>
    private string? Take(in LogRecord record, LogOffsets at, List<OutputRecord> output)
    {
        var model = _decoded.Model.Length > 0 ? _decoded.Text(_decoded.Model, record.Value) : _topicName;
        var version = _decoded.Version.Length > 0 ? _decoded.Text(_decoded.Version, record.Value) : "-"u8;
        var monitor = _table.Find(model, version);
        if (monitor is null && Monitors.Count >= options.MaxModels)
        {
            counts.OverModelLimit += _isReplaying ? 0 : 1;
            return null;
        }

        if (monitor is not null && record.Offset < monitor.Contained.Predictions)
        {
            // the join is brought back by the replay itself, whatever the monitors contain
            _labels.Replay(isLabel: false, record.Offset);
            return null;
        }

        var time = TimeOf(record, out var clamped);
        var isStale = monitor is not null && time - monitor.Watermark > _idleMilliseconds;
        var field = monitor is null || isStale ? PartitionStreams.MisfitOfFirst(_decoded) : monitor.Misfit(_decoded, record.Value);
        if (field is not null)
        {
            return field;
        }

        counts.ClampedTimes += clamped && !_isReplaying ? 1 : 0;
        counts.WithoutKey += record.Key is null && !_isReplaying ? 1 : 0;
        monitor = isStale ? StartAnew(monitor!, at, output) : monitor ?? Begin(model, version);
        Watermark = Math.Max(Watermark, time);
        var place = new EventPlace(at, _next, time, _isReplaying);
        var end = monitor.Observe(_decoded, record.Value, record.Timestamp, place);
        if (input.Labels is not null && Meet(monitor, record, place) is { } joined)
        {
            // in the pane of its event, so that no cursor comes between the two
            end = Judge(monitor, joined.Matches[0], joined, record.Timestamp, place) ?? end;
        }

        if (end is { } closes)
        {
            Close(monitor, closes, output);
        }

        return null;
    }

    private JoinedLabel? Meet(PartitionMonitor monitor, in LogRecord record, in EventPlace place) => _isReplaying
        ? _labels.Replay(isLabel: false, record.Offset) : _labels.TakePrediction(_decoded, record.Value, monitor, place);

    private void Judge(in JoinedLabel? joined, long kafkaTimestamp, LogOffsets at, List<OutputRecord> output)
    {
        foreach (var match in joined?.Matches ?? [])
        {
            var (model, version) = _labels.NameOf(match.Model);
            if (_table.Find(model, version) is { } monitor && at.Labels >= monitor.Contained.Labels
                && Judge(monitor, match, joined!.Value, kafkaTimestamp, new EventPlace(at, _next, match.Time, _isReplaying)) is { } end)
            {
                Close(monitor, end, output);
            }
        }
    }

    /// <summary>In a replay: labels that were judged before this record was taken, and whose own records are no longer in the log.</summary>
    private void JudgeGone(bool isLabel, long offset)
    {
        while (_isReplaying && _labels.TryPass(isLabel, offset, out var gone))
        {
            JudgeGone(gone);
        }
    }

    private void JudgeGone(in JoinedLabel? gone)
    {
        // a prediction that is gone is no event of any pane; of a label of a former topic it is not known which monitors contain it
        if (gone is not { Offset: >= 0 } label)
        {
            return;
        }

        var at = _next with { Labels = label.Offset };
        _next = at with { Labels = label.Offset + 1 };
        foreach (var match in label.Matches)
        {
            var (model, version) = _labels.NameOf(match.Model);
            if (_table.Find(model, version) is { } monitor && at.Labels >= monitor.Contained.Labels)
            {
                // its timestamp is gone too: a pane that it would have closed ends with the next record
                Judge(monitor, match, label, long.MinValue, new EventPlace(at, _next, match.Time, _isReplaying));
            }
        }
    }

    private static PaneEnd? Judge(PartitionMonitor monitor, JoinMatch match, JoinedLabel joined, long kafkaTimestamp, in EventPlace place) =>
        monitor.Judge(KeptValue.Join(KeptValue.Read(match.Value), KeptValue.Read(joined.Value), Math.Max(0, joined.Time - match.Time)), kafkaTimestamp, joined.Offset, place);

    /// <summary>A cursor with offsets of the labels topic that is read now.</summary>
    private LogOffsets OfTheseLabels((LogOffsets End, Guid LabelsId) cursor) =>
        cursor.LabelsId == (input.Labels?.TopicId ?? Guid.Empty) ? cursor.End : cursor.End.OnOtherLabels(_from);

    private long TimeOf(in LogRecord record, out bool clamped)
    {
        var time = _decoded.Time ?? record.Timestamp;
        clamped = time - record.Timestamp > ClampAfterMilliseconds;
        return clamped ? record.Timestamp : time;
    }

    private void Close(PartitionMonitor monitor, PaneEnd end, List<OutputRecord> output) => counts.PanesClosed[(int)end] += monitor.Close(end, output) ? 1 : 0;

    private PartitionMonitor Begin(ReadOnlySpan<byte> model, ReadOnlySpan<byte> version)
    {
        var monitor = New(Encoding.UTF8.GetString(model), Encoding.UTF8.GetString(version));
        _table.Set(monitor);
        return monitor;
    }

    private PartitionMonitor New(string model, string version) => new(options, input, model, version) { Cursor = OfTheseLabels(_cursors.GetValueOrDefault((model, version))) };

    /// <summary>A model that was silent for so long is a new one: what was normal then says nothing now.</summary>
    private PartitionMonitor StartAnew(PartitionMonitor old, in LogOffsets at, List<OutputRecord> output)
    {
        old.DropPaneBefore(at);
        if (old.IsOpen)
        {
            Close(old, PaneEnd.Time, output);
        }

        counts.Keep(old);
        counts.ModelsEvicted += _isReplaying ? 0 : 1;
        var monitor = new PartitionMonitor(options, input, old.Model, old.Version) { Cursor = old.Cursor };
        _table.Set(monitor);
        return monitor;
    }

    private void SaveRestarted(List<OutputRecord> output)
    {
        // a detector that starts at the committed offset must not start at a later one after the next restart
        foreach (var monitor in _restarted)
        {
            if (_table.Find(monitor.Model, monitor.Version) == monitor)
            {
                output.Add(monitor.Save());
            }
        }

        _restarted.Clear();
    }

    private void Evict(List<OutputRecord> output)
    {
        var unsaved = FirstUnsaved ?? long.MaxValue;
        var gone = Monitors.Where(monitor => !monitor.IsOpen && monitor.Contained.Sum <= unsaved && Watermark - monitor.Watermark > _idleMilliseconds).ToArray();
        foreach (var monitor in gone)
        {
            monitor.Bury(output);
            counts.Keep(monitor);
            counts.ModelsEvicted++;
        }

        _table.Remove(gone);
    }
}
