namespace Streaming.Monitoring;

/// <summary>All models of one panes partition.</summary>
internal sealed class PartitionDecide(MonitoringOptions options, string configHash, DecideCounts counts, MonitoredPartition input) : IDisposable
{
    private readonly Dictionary<string, ModelMonitor> _models = new(StringComparer.Ordinal);
    private readonly List<ModelMonitor> _restarted = [];
    private long _watermark = long.MinValue;
    private long _replayUntil = long.MinValue;
    private long _next;

    public IReadOnlyCollection<ModelMonitor> Models => _models.Values;

    /// <summary>First offset that is in no saved state; while a replay lasts, no offset behind it counts as saved.</summary>
    public long? FirstUnsaved
    {
        get
        {
            var unsaved = SaveOrder.FirstUnsaved(Models);
            return IsReplaying ? Math.Min(unsaved ?? long.MaxValue, _next) : unsaved;
        }
    }

    private bool IsReplaying => _replayUntil != long.MinValue;

    public void Load(in StateKey key, ReadOnlySpan<byte> value)
    {
        key.Require(input.TopicId, input.Partition);
        if (key.Kind != StateKind.Monitor || key.Version.Length > 0)
        {
            throw new InvalidDataException($"state key: expected a model without a version, found {key.Kind} of version '{key.Version}'");
        }

        var model = New(key.Model);
        var restarted = model.Load(value);
        Set(model);
        _watermark = Math.Max(_watermark, model.Watermark);
        if (restarted > 0)
        {
            counts.DetectorsRestarted += restarted;
            _restarted.Add(model);
        }
    }

    public void BeginReplay(long committed) => (_replayUntil, _next) = (committed, 0);

    public void EndReplay() => _replayUntil = long.MinValue;

    public void Process(in LogRecord record, List<OutputRecord> output)
    {
        if (record.Offset >= _replayUntil)
        {
            EndReplay();
        }

        if (_restarted.Count > 0 && !IsReplaying)
        {
            SaveRestarted(output);
        }

        _next = record.Offset + 1;
        if (ModelCommand.IsOne(record.Value))
        {
            Take(ModelCommand.Decode(record.Value!), record, output);
        }
        else if (Read(record) is { } pane)
        {
            Take(pane, record, output);
        }
        else
        {
            Reject(record, RejectReason.BadPane, output);
        }
    }

    public void Save(in SaveScope scope, List<OutputRecord> output)
    {
        if (IsReplaying)
        {
            return;
        }

        SaveOrder.Save(Models, scope, output);
        Evict(output);
    }

    public void Dispose()
    {
        foreach (var model in Models)
        {
            model.Dispose();
        }
    }

    private static Pane? Read(in LogRecord record)
    {
        try
        {
            return record.Value is null ? null : PaneCodec.Decode(record.Value);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private void Take(Pane pane, in LogRecord record, List<OutputRecord> output)
    {
        var known = _models.GetValueOrDefault(pane.Model);
        if (known is not null && record.Offset < known.Contained)
        {
            return;
        }

        if (known is null || pane.Watermark - known.Watermark > options.ModelIdle.TotalMilliseconds)
        {
            // a model that was silent for so long is a new one: what stood then says nothing now
            counts.ModelsEvicted += known is null || IsReplaying ? 0 : 1;
            Set(known = New(pane.Model));
        }

        _watermark = Math.Max(_watermark, pane.Watermark);
        known.Take(pane, new PanePlace(record.Offset, record.Timestamp, IsReplaying), output);
    }

    private void Take(ModelCommand? command, in LogRecord record, List<OutputRecord> output)
    {
        if (command is null)
        {
            Reject(record, RejectReason.BadCommand, output);
        }
        else if (!_models.TryGetValue(command.Model, out var model))
        {
            counts.CommandsWithoutModel += IsReplaying ? 0 : 1;
        }
        else if (record.Offset >= model.Contained)
        {
            model.Take(command, new PanePlace(record.Offset, record.Timestamp, IsReplaying), output);
        }
    }

    private void Reject(in LogRecord record, RejectReason reason, List<OutputRecord> output)
    {
        if (!IsReplaying)
        {
            counts.Reject(input.Topic, reason);
            output.Add(DeadLetter.Of(input.Topic, input.Partition, record, reason, "", options));
        }
    }

    private ModelMonitor New(string model) =>
        new(options, new StateKey(input.TopicId, input.Partition, StateKind.Monitor, model, "", 0), configHash, counts);

    private void Set(ModelMonitor model)
    {
        if (_models.Remove(model.Model, out var old))
        {
            old.Dispose();
        }

        _models.Add(model.Model, model);
    }

    private void SaveRestarted(List<OutputRecord> output)
    {
        // a detector that starts at the committed offset must not start at a later one after the next restart
        foreach (var model in _restarted)
        {
            if (_models.GetValueOrDefault(model.Model) == model)
            {
                output.Add(model.Save());
            }
        }

        _restarted.Clear();
    }

    private void Evict(List<OutputRecord> output)
    {
        var unsaved = FirstUnsaved ?? long.MaxValue;
        foreach (var model in _models.Values.ToArray())
        {
            if (model.Contained <= unsaved && _watermark - model.Watermark > options.ModelIdle.TotalMilliseconds)
            {
                output.Add(model.Bury());
                counts.ModelsEvicted++;
                _models.Remove(model.Model);
                model.Dispose();
            }
        }
    }
}
