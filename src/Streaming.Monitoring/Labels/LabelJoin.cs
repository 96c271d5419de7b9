using System.Text;

namespace Streaming.Monitoring;

/// <summary>A prediction that met its label.</summary>
/// <param name="Model">Number of the model version.</param>
/// <param name="Time">Event time of the prediction.</param>
/// <param name="Value">The prediction as it was kept.</param>
internal readonly record struct JoinMatch(int Model, long Time, byte[] Value);

/// <summary>Joins predictions and labels of one partition by the hash of the event id, in event time.</summary>
/// <remarks>
/// What it does is a function of what it is given, in order: the journal gives it the same again. A prediction is open until the labels' watermark
/// lies beyond its horizon and a quarter more, in which a label still counts as too late; a label waits until the predictions' watermark lies beyond
/// the horizon. Oldest out first. Of one id at most one prediction of each model version is open (the first holds) and one label waits (the newest
/// holds), so that an id that comes over and over costs no more than any other.
/// </remarks>
internal sealed class LabelJoin(LabelHorizons horizons, int most)
{
    private readonly Utf8Table _names = new();
    private readonly List<(string Model, string Version, long Horizon)> _models = [];
    private readonly List<long> _found = [];
    private readonly List<JoinMatch> _matches = [];
    private readonly long _longest = (long)horizons.Default.TotalMilliseconds;
    private LabelCounts _counts;

    /// <summary>Predictions whose label may come.</summary>
    public JoinEntries Open { get; } = new();

    /// <summary>Labels whose prediction may come.</summary>
    public JoinEntries Waiting { get; } = new();

    /// <summary>Largest time of a label.</summary>
    public long LabelsWatermark { get; private set; } = long.MinValue;

    /// <summary>Largest time of a prediction.</summary>
    public long PredictionsWatermark { get; private set; } = long.MinValue;

    /// <summary>What was counted since the beginning.</summary>
    public LabelCounts Counts => _counts;

    /// <summary>Whether the prediction taken last was open already.</summary>
    public bool WasKnown { get; private set; }

    /// <summary>Whether the label taken last waits for its prediction.</summary>
    public bool HasWaited { get; private set; }

    /// <summary>The number of a model version.</summary>
    public int ModelOf(string model, string version)
    {
        var bytes = Encoding.UTF8.GetBytes(model + "\0" + version);
        var index = _names.Add(bytes);
        if (index == _models.Count)
        {
            _models.Add((model, version, horizons.Of(model)));
        }

        return index;
    }

    /// <summary>The model version of a number.</summary>
    public (string Model, string Version) NameOf(int model) => (_models[model].Model, _models[model].Version);

    /// <summary>Whether anything with this hash is open or waits.</summary>
    public bool Knows(ulong hash)
    {
        Open.Find(hash, _found);
        if (_found.Count == 0)
        {
            Waiting.Find(hash, _found);
        }

        return _found.Count > 0;
    }

    /// <summary>Goes on counting from here.</summary>
    public void CountFrom(in LabelCounts counts) => _counts = counts;

    /// <summary>Begins where another left off, with nothing kept.</summary>
    public void BeginAt(long open, long waiting, long labelsWatermark, long predictionsWatermark)
    {
        Open.BeginAt(open);
        Waiting.BeginAt(waiting);
        (LabelsWatermark, PredictionsWatermark) = (labelsWatermark, predictionsWatermark);
    }

    /// <summary>Takes a prediction; returns the label that waited for it, as it was kept.</summary>
    /// <param name="hash">Hash of its id.</param>
    /// <param name="time">Its event time.</param>
    /// <param name="model">Number of its model version.</param>
    /// <param name="value">The prediction as it is kept.</param>
    /// <param name="own">Fingerprint of the label that it brought itself; 0: none.</param>
    /// <param name="met">Fingerprint of the label that it met in an earlier run, which may no longer be kept; 0: none.</param>
    /// <param name="isKnown">What an earlier run found: whether the same prediction was open already, though it may no longer be kept.</param>
    public byte[]? TakePrediction(ulong hash, long time, int model, ReadOnlySpan<byte> value, ulong own, ulong met = 0, bool? isKnown = null)
    {
        byte[]? label = null;

        // asked in a replay too: what is past is hidden by it
        var isOpen = IsOpen(hash, model);
        WasKnown = isKnown ?? isOpen;
        if (!WasKnown)
        {
            label = WaitingFor(hash, time, model, KeptValue.Read(value).Kind, own);
            var number = Open.Add(hash, time, model, value);
            var known = own != 0 ? own : label is not null ? KeptValue.Read(label).Fingerprint() : met;
            if (known != 0)
            {
                Open.Use(number, known);
            }
        }

        PredictionsWatermark = Math.Max(PredictionsWatermark, time);
        Expire();
        return label;
    }

    /// <summary>Takes a label; returns the predictions that it is to be judged with. They stay valid until the next call.</summary>
    /// <param name="hash">Hash of its id.</param>
    /// <param name="time">Its time.</param>
    /// <param name="value">The label as it is kept.</param>
    /// <param name="waits">What an earlier run found: whether it waits for its prediction. Where it did not, the prediction may no longer be kept.</param>
    public IReadOnlyList<JoinMatch> TakeLabel(ulong hash, long time, ReadOnlySpan<byte> value, bool? waits = null)
    {
        HasWaited = false;
        _matches.Clear();
        _counts.Taken++;
        var label = KeptValue.Read(value);
        var (met, fingerprint) = (false, label.Fingerprint());
        FindOpen(hash);
        foreach (var number in _found)
        {
            met = true;
            if (Open.IsUsed(number))
            {
                CountAgain(Open.FingerprintOf(number) == fingerprint);
            }
            else if (time - Open.TimeOf(number) > _models[Open.ModelOf(number)].Horizon)
            {
                _counts.TooLate++;
            }
            else if (!label.Fits(KeptValue.Read(Open.ValueOf(number)).Kind))
            {
                _counts.Misfits++;
            }
            else
            {
                _counts.Joined++;
                _matches.Add(new JoinMatch(Open.ModelOf(number), Open.TimeOf(number), Open.ValueOf(number).ToArray()));
                Open.Use(number, fingerprint);
            }
        }

        if (!met && waits != false)
        {
            Wait(hash, time, value, fingerprint);
        }

        LabelsWatermark = Math.Max(LabelsWatermark, time);
        Expire();
        return _matches;
    }

    private bool IsOpen(ulong hash, int model)
    {
        FindOpen(hash);
        foreach (var number in _found)
        {
            // an id that comes again within the horizon is the same prediction; the first holds
            if (Open.ModelOf(number) == model)
            {
                return true;
            }
        }

        return false;
    }

    private byte[]? WaitingFor(ulong hash, long time, int model, FieldKind kind, ulong own)
    {
        byte[]? label = null;
        FindWaiting(hash);
        foreach (var number in _found)
        {
            var value = Waiting.ValueOf(number);
            if (own != 0)
            {
                CountAgain(KeptValue.Read(value).Fingerprint() == own);
            }
            else if (Waiting.TimeOf(number) - time > _models[model].Horizon)
            {
                _counts.TooLate++;
            }
            else if (!KeptValue.Read(value).Fits(kind))
            {
                _counts.Misfits++;
            }
            else
            {
                _counts.Joined++;
                label = value.ToArray();
            }

            // it stays for predictions of other model versions with the same id
            Waiting.Use(number);
        }

        return label;
    }

    private void Wait(ulong hash, long time, ReadOnlySpan<byte> value, ulong fingerprint)
    {
        FindWaiting(hash);
        foreach (var number in _found)
        {
            var isSame = KeptValue.Read(Waiting.ValueOf(number)).Fingerprint() == fingerprint;
            CountAgain(isSame);
            if (isSame)
            {
                return;
            }

            // before it is used the newer one holds
            Waiting.Use(number);
            Waiting.Hide(number);
        }

        HasWaited = true;
        Waiting.Add(hash, time, 0, value);
    }

    // a watermark never falls: what is past can be met no more
    private void FindOpen(ulong hash)
    {
        Open.Find(hash, _found);
        for (var i = _found.Count - 1; i >= 0; i--)
        {
            if (IsPast(_found[i]))
            {
                Open.Hide(_found[i]);
                _found.RemoveAt(i);
            }
        }
    }

    private void FindWaiting(ulong hash)
    {
        Waiting.Find(hash, _found);
        for (var i = _found.Count - 1; i >= 0; i--)
        {
            if (IsOver(_found[i]))
            {
                Waiting.Hide(_found[i]);
                _found.RemoveAt(i);
            }
        }
    }

    private void CountAgain(bool isSame)
    {
        _counts.Duplicates += isSame ? 1 : 0;
        _counts.Corrections += isSame ? 0 : 1;
    }

    // the last quarter is for telling labels that are too late from those without a prediction
    private bool IsPast(long open)
    {
        var horizon = _models[Open.ModelOf(open)].Horizon;
        return LabelsWatermark != long.MinValue && LabelsWatermark - Open.TimeOf(open) > horizon + (horizon / 4);
    }

    private bool IsOver(long waiting) => PredictionsWatermark != long.MinValue && PredictionsWatermark - Waiting.TimeOf(waiting) > _longest;

    private void Expire()
    {
        while (Open.Count > 0 && (IsPast(Open.First) || Open.Count > most))
        {
            _counts.Evicted += IsPast(Open.First) || Open.IsUsed(Open.First) ? 0 : 1;
            Open.RemoveFirst();
        }

        while (Waiting.Count > 0 && (IsOver(Waiting.First) || Waiting.Count > Math.Max(1, most / 4)))
        {
            _counts.Orphans += Waiting.IsUsed(Waiting.First) ? 0 : 1;
            Waiting.RemoveFirst();
        }
    }
}
