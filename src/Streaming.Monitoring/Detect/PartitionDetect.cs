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
    private readonly Dictionary<(string Model, string Version), long> _cursors = [];
    private readonly List<PartitionMonitor> _restarted = [];
    private long _replayUntil = long.MinValue;
    private long _next;

    public IReadOnlyList<PartitionMonitor> Monitors => _table.Monitors;

    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>First offset that is in no saved state; while a replay lasts, no offset behind it counts as saved.</summary>
    public long? FirstUnsaved
    {
        get
        {
            var unsaved = SaveOrder.FirstUnsaved(Monitors);
            return IsReplaying ? Math.Min(unsaved ?? long.MaxValue, _next) : unsaved;
        }
    }

    private bool IsReplaying => _replayUntil != long.MinValue;

    public void Load(in StateKey key, ReadOnlySpan<byte> value)
    {
        key.Require(input.TopicId, input.Partition);
        var monitor = _table.Find(key.Model, key.Version);
        if (key.Kind == StateKind.Cursor)
        {
            var end = PartitionMonitor.LoadCursor(value);
            _cursors[(key.Model, key.Version)] = end;
            if (monitor is not null)
            {
                monitor.Cursor = end;
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

    public void BeginReplay(long committed) => (_replayUntil, _next) = (committed, 0);

    public void EndReplay()
    {
        if (!IsReplaying)
        {
            return;
        }

        foreach (var monitor in Monitors)
        {
            monitor.DropPaneBefore(_replayUntil);
        }

        _replayUntil = long.MinValue;
        _cursors.Clear();
    }

    public void Process(in LogRecord record, List<OutputRecord> output)
    {
        if (IsReplaying && record.Offset >= _replayUntil)
        {
            EndReplay();
        }

        if (_restarted.Count > 0 && !IsReplaying)
        {
            SaveRestarted(output);
        }

        _next = record.Offset + 1;
        var reason = record.Value is null ? RejectReason.NullValue : decoder.Decode(record.Value, _decoded);
        var field = reason is RejectReason.None or RejectReason.NullValue ? "" : decoder.RejectedField(record.Value, _decoded);
        if (reason == RejectReason.None)
        {
            field = Take(record, output) ?? "";
            reason = field.Length > 0 ? RejectReason.WrongType : RejectReason.None;
        }

        if (reason != RejectReason.None && !IsReplaying)
        {
            counts.Reject(input.Topic, reason);
            output.Add(DeadLetter.Of(input.Topic, input.Partition, record, reason, field, options));
        }
    }

    /// <summary>Closes what is open, in the order in which it began. In a replay nothing is closed: it only repeats what was.</summary>
    public void Close(PaneEnd end, List<OutputRecord> output)
    {
        if (IsReplaying)
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
        if (IsReplaying)
        {
            return;
        }

        SaveOrder.Save(Monitors, scope, output);
        Evict(output);
    }

    /// <summary>Takes a decoded event; returns the field that does not fit, where one does not.</summary>
    private string? Take(in LogRecord record, List<OutputRecord> output)
    {
        var model = _decoded.Model.Length > 0 ? _decoded.Text(_decoded.Model, record.Value) : _topicName;
        var version = _decoded.Version.Length > 0 ? _decoded.Text(_decoded.Version, record.Value) : "-"u8;
        var monitor = _table.Find(model, version);
        if (monitor is null && Monitors.Count >= options.MaxModels)
        {
            counts.OverModelLimit += IsReplaying ? 0 : 1;
            return null;
        }

        if (monitor is not null && record.Offset < monitor.Contained)
        {
            return null;
        }

        var time = TimeOf(record, out var clamped);
        var isStale = monitor is not null && time - monitor.Watermark > _idleMilliseconds;
        var field = monitor is null || isStale ? PartitionStreams.MisfitOfFirst(_decoded) : monitor.Misfit(_decoded, record.Value);
        if (field is not null)
        {
            return field;
        }

        counts.ClampedTimes += clamped && !IsReplaying ? 1 : 0;
        counts.WithoutKey += record.Key is null && !IsReplaying ? 1 : 0;
        monitor = isStale ? StartAnew(monitor!, record.Offset, output) : monitor ?? Begin(model, version);
        Watermark = Math.Max(Watermark, time);
        if (monitor.Observe(_decoded, record.Value, record.Timestamp, new EventPlace(record.Offset, time, IsReplaying)) is { } end)
        {
            Close(monitor, end, output);
        }

        return null;
    }

    private long TimeOf(in LogRecord record, out bool clamped)
    {
        var time = _decoded.Time ?? record.Timestamp;
        clamped = time - record.Timestamp > ClampAfterMilliseconds;
        return clamped ? record.Timestamp : time;
    }

    private void Close(PartitionMonitor monitor, PaneEnd end, List<OutputRecord> output) =>
        counts.PanesClosed[(int)end] += monitor.Close(end, output) ? 1 : 0;

    private PartitionMonitor Begin(ReadOnlySpan<byte> model, ReadOnlySpan<byte> version)
    {
        var monitor = New(Encoding.UTF8.GetString(model), Encoding.UTF8.GetString(version));
        _table.Set(monitor);
        return monitor;
    }

    private PartitionMonitor New(string model, string version) =>
        new(options, input, model, version) { Cursor = _cursors.GetValueOrDefault((model, version)) };

    /// <summary>A model that was silent for so long is a new one: what was normal then says nothing now.</summary>
    private PartitionMonitor StartAnew(PartitionMonitor old, long offset, List<OutputRecord> output)
    {
        old.DropPaneBefore(offset);
        if (old.IsOpen)
        {
            Close(old, PaneEnd.Time, output);
        }

        counts.Keep(old);
        counts.ModelsEvicted += IsReplaying ? 0 : 1;
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
        var gone = Monitors.Where(monitor =>
            !monitor.IsOpen && monitor.Contained <= unsaved && Watermark - monitor.Watermark > _idleMilliseconds).ToArray();
        foreach (var monitor in gone)
        {
            monitor.Bury(output);
            counts.Keep(monitor);
            counts.ModelsEvicted++;
        }

        _table.Remove(gone);
    }
}
