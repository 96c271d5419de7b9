namespace Streaming.Monitoring;

/// <summary>A label that is to be judged with predictions.</summary>
/// <param name="Offset">Offset of the label; negative where a prediction came and the label had waited for it.</param>
/// <param name="Time">Its time, or that of the prediction that it had waited for.</param>
/// <param name="Value">The label as it was kept.</param>
/// <param name="Matches">The predictions.</param>
internal readonly record struct JoinedLabel(long Offset, long Time, byte[] Value, IReadOnlyList<JoinMatch> Matches);

/// <summary>The labels of one partition: from records to the join, with the journal that brings it back.</summary>
internal sealed class PartitionLabels
{
    private readonly MonitoredPartition _input;
    private readonly LabelJoin _join;
    private readonly JoinJournal _journal;
    private readonly byte[] _value = new byte[KeptValue.MostBytes];
    private readonly PrivacyKey? _key;
    private LabelCounts _before;
    private bool _isReplaying;

    public PartitionLabels(MonitoringOptions options, MonitoredPartition input)
    {
        (_input, _join) = (input, new LabelJoin(options.LabelHorizons, options.MaxOpenPredictions));
        (_journal, _key) = (new JoinJournal(input, _join), options.Sensitive.Key);
    }

    /// <summary>Counts since this partition was assigned, replays left out.</summary>
    public LabelCounts Counted => Minus(_isReplaying ? _journal.Counted : _join.Counts, _before);

    /// <summary>Predictions whose labels may come.</summary>
    public long Open => _join.Open.Count;

    /// <summary>Labels whose predictions may come.</summary>
    public long Waiting => _join.Waiting.Count;

    /// <summary>Memory of both.</summary>
    public long Bytes => _join.Open.Bytes + _join.Waiting.Bytes;

    public void Load(ReadOnlySpan<byte> value) => _journal.Load(value);

    public void Begin(LogOffsets from)
    {
        _journal.Begin(from, _input.Labels!.TopicId);
        _join.CountFrom(_journal.Counted);
        _before = _journal.Counted;
    }

    public void BeginReplay() => _isReplaying = true;

    public void EndReplay(LogOffsets at)
    {
        _isReplaying = false;
        _journal.EndReplay(at);
    }

    /// <summary>Takes the prediction of an event that was accepted; returns the label that waited for it.</summary>
    public JoinedLabel? TakePrediction(DecodedEvent decoded, ReadOnlySpan<byte> record, PartitionMonitor monitor, in EventPlace place)
    {
        if (decoded.Id.Length == 0 || decoded.PredictionKind == FieldKind.Absent)
        {
            return null;
        }

        var (hash, own) = (HashOf(decoded.Text(decoded.Id, record)), 0UL);
        if (decoded.LabelKind != FieldKind.Absent)
        {
            own = KeptValue.Read(_value.AsSpan(0, KeptValue.OfLabel(decoded, record, _value))).Fingerprint();
        }

        var value = _value.AsSpan(0, KeptValue.OfPrediction(decoded, record, _value));
        var model = monitor.JoinNumber ??= _join.ModelOf(monitor.Model, monitor.Version);
        var label = _join.TakePrediction(hash, place.Time, model, value, own);
        var met = label is null ? 0 : KeptValue.Read(label).Fingerprint();
        _journal.Prediction(place.At.Predictions, hash, place.Time, model, own, met, value);
        return label is null ? null : new JoinedLabel(-1, place.Time, label, [new JoinMatch(model, place.Time, value.ToArray())]);
    }

    /// <summary>Takes a label; returns the predictions that it belongs to.</summary>
    public JoinedLabel TakeLabel(DecodedEvent decoded, ReadOnlySpan<byte> record, long offset, long time)
    {
        var hash = HashOf(decoded.Text(decoded.Id, record));
        var value = _value.AsSpan(0, KeptValue.OfLabel(decoded, record, _value));
        var matches = _join.TakeLabel(hash, time, value);
        _journal.Label(offset, hash, time, value);
        return new JoinedLabel(offset, time, _value, matches);
    }

    /// <summary>Takes again what was taken of a record, in a replay.</summary>
    public JoinedLabel? Replay(bool isLabel, long offset) => _journal.TryReplay(isLabel, offset, out var item) ? _journal.Apply(item) : null;

    /// <summary>Takes again what was taken before a record, of one that did not come again; to be called until there is none.</summary>
    public bool TryPass(bool isLabel, long offset, out JoinedLabel? joined)
    {
        var passes = _journal.TryPass(isLabel, offset, out var item);
        joined = passes ? _journal.Apply(item) : null;
        return passes;
    }

    /// <summary>The same at the end of a replay.</summary>
    public bool TryFinish(out JoinedLabel? joined)
    {
        var passes = _journal.TryFinish(out var item);
        joined = passes ? _journal.Apply(item) : null;
        return passes;
    }

    /// <summary>The model version of a match.</summary>
    public (string Model, string Version) NameOf(int model) => _join.NameOf(model);

    public void Save(LogOffsets next, long replayFrom, List<OutputRecord> output) => _journal.Save(next, replayFrom, output);

    /// <summary>What is kept of an id; while a key is being replaced, what was kept of it under the one before goes on.</summary>
    private ulong HashOf(ReadOnlySpan<byte> id)
    {
        if (_key is null)
        {
            return IdHash.Of(id);
        }

        var hash = _key.Of(id);
        return !_join.Knows(hash) && _key.Before(id) is { } before && _join.Knows(before) ? before : hash;
    }

    private static LabelCounts Minus(in LabelCounts a, in LabelCounts b) => new()
    {
        Taken = a.Taken - b.Taken,
        Joined = a.Joined - b.Joined,
        Duplicates = a.Duplicates - b.Duplicates,
        Corrections = a.Corrections - b.Corrections,
        Orphans = a.Orphans - b.Orphans,
        TooLate = a.TooLate - b.TooLate,
        Misfits = a.Misfits - b.Misfits,
        Evicted = a.Evicted - b.Evicted,
    };
}
