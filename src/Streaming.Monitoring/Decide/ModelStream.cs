using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What a stream is told when a round closes.</summary>
/// <param name="Segment">Segment of the window that the round goes into.</param>
/// <param name="FirstSegment">First segment that stays in the window.</param>
/// <param name="WindowRounds">Rounds that the window then spans.</param>
/// <param name="Watermark">Largest event time of the version.</param>
/// <param name="LearnFor">Event time that a reference spans.</param>
/// <param name="Replayed">Whether an earlier run has taken it before.</param>
internal readonly record struct ClosedRound(long Segment, long FirstSegment, long WindowRounds, long Watermark, TimeSpan LearnFor, bool Replayed);

/// <summary>One stream of a model version, over all partitions: the open round, the current window, and what watches them.</summary>
internal sealed class ModelStream
{
    private readonly StreamSum _round = new();
    private readonly bool[] _waits;
    private Dependence _dependence = new();
    private CategoryDependence _categoryDependence = new();
    private Relearning? _relearning;

    public ModelStream(string name, StreamKind kind, MonitoringOptions options)
    {
        (Name, Kind) = (name, kind);
        Watches = StreamDefaults.Of(name, kind, options);
        (Published, _waits) = (new DriftLevel[Watches.Count], new bool[Watches.Count]);
    }

    public string Name { get; }

    public StreamKind Kind { get; }

    public IReadOnlyList<IWatch> Watches { get; }

    /// <summary>Level last published, for each of <see cref="Watches"/>.</summary>
    public DriftLevel[] Published { get; }

    public StreamWindow Window { get; private set; } = new();

    public Expectation Expected { get; } = new();

    /// <summary>Rounds that the current window spans.</summary>
    public long WindowRounds { get; private set; }

    /// <summary>Long-run over pooled variance of the watched values, at least 1.</summary>
    public double DependenceRatio => Kind == StreamKind.Categorical ? _categoryDependence.Ratio : _dependence.Ratio;

    /// <summary>
    /// How far blocks of the reference period lie apart, noise taken off: variance of mean u, or φ² of categories by block (<see cref="LearningRule"/>).
    /// </summary>
    public double BlockVariance => Math.Max(0, Expected.Weighted(Window.Total.PerPartition, static reference => reference.BlockVariance));

    /// <summary>Mean of the references, as the values come.</summary>
    public double ReferenceMean => Expected.Weighted(Window.Total.PerPartition, static reference => reference.Mean);

    /// <summary>Adds one partition's pane to the open round.</summary>
    public void Take(int partition, StreamPane pane)
    {
        // numbers and categories are ranked by the very reference that travels here; shares are only compared with it from now on
        var before = Kind == StreamKind.Share && !Expected.IsKnown(partition);
        if (pane.Reference is { } reference)
        {
            if (Expected.IsKnown(partition))
            {
                _relearning = null;
                Restart();
            }

            Expected.Set(partition, reference);
            _categoryDependence.Separate();
        }

        var element = Kind switch
        {
            StreamKind.Error => new Element(pane.Count, pane.Mean, pane.M2),
            StreamKind.Share => before ? default : new Element(pane.Count, pane.Mean, pane.M2),
            _ => pane.U,
        };
        if (element.Count > 0)
        {
            _round.Add(partition, element, pane.Mean, pane);
            _relearning?.Add(partition, element, pane);
        }
    }

    /// <summary>Takes what comes from now on as normal, once there is enough of it; until then nothing is judged.</summary>
    public void Relearn(long since)
    {
        Restart();
        Array.Fill(Published, DriftLevel.Learning);

        // errors are compared with themselves, so there is nothing to learn first
        _relearning = Kind == StreamKind.Error ? null : new Relearning(since);
    }

    /// <summary>Closes the round: the window moves on, and everything that watches takes it.</summary>
    public void CloseRound(in ClosedRound round)
    {
        if (_relearning is not null && !CompleteRelearning(round))
        {
            _round.Clear();
            return;
        }

        var element = _round.Moments;
        if (element.Count > 0)
        {
            _dependence.Add(element);
            if (Kind == StreamKind.Categorical)
            {
                AddCategories();
            }

            Window.Add(round.Segment, _round);
        }

        Window.DropBefore(round.FirstSegment);
        WindowRounds = round.WindowRounds;
        for (var i = 0; i < Watches.Count; i++)
        {
            // a detector whose options changed begins where the replay ends
            if (!(round.Replayed && _waits[i]))
            {
                Watches[i].Round(this, element);
            }
        }

        _round.Clear();
    }

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        _round.Save(ref writer);
        _dependence.Save(ref writer);
        _categoryDependence.Save(ref writer);
        writer.Count(WindowRounds);
        Window.Save(ref writer);
        Expected.Save(ref writer);
        writer.Write(_relearning is not null);
        _relearning?.Save(ref writer);
        writer.Count(Watches.Count);
        for (var i = 0; i < Watches.Count; i++)
        {
            writer.Write(Watches[i].Detector);
            writer.Write((byte)Published[i]);
            DetectorState.Save(ref writer, Watches[i].Options, Watches[i].Save);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote into a new stream; returns how many detectors begin anew because their options changed.</summary>
    public int Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        _round.Load(ref reader);
        _dependence.Load(ref reader);
        _categoryDependence.Load(ref reader);
        WindowRounds = reader.Count();
        Window.Load(ref reader);
        Expected.Load(ref reader);
        _relearning = reader.Bool() ? Relearning.Load(ref reader) : null;
        Array.Fill(_waits, true);
        var restarted = 0;
        for (var left = reader.Length(14); left > 0; left--)
        {
            restarted += LoadWatch(ref reader) ? 1 : 0;
        }

        return restarted;
    }

    private bool LoadWatch(ref StateReader reader)
    {
        var (detector, published) = (reader.Text(), (DriftLevel)reader.Byte((byte)DriftLevel.Drift));
        var index = Enumerable.Range(0, Watches.Count).FirstOrDefault(i => Watches[i].Detector == detector, -1);
        var isSame = DetectorState.TryLoad(ref reader, index < 0 ? 0 : Watches[index].Options, out var part);
        if (index < 0)
        {
            return false;
        }

        (Published[index], _waits[index]) = (published, !isSame);
        if (isSame)
        {
            Watches[index].Load(ref part);
            part.RequireEnd();
        }

        return !isSame;
    }

    private bool CompleteRelearning(in ClosedRound round)
    {
        if (!_relearning!.IsComplete(round.Watermark, round.LearnFor))
        {
            return false;
        }

        _relearning.Complete(Expected);
        _relearning = null;
        Restart();
        return true;
    }

    private void AddCategories()
    {
        Span<double> expected = stackalloc double[Expectation.Commonest + 1];
        Span<long> counts = stackalloc long[Expectation.Commonest + 1];
        var cells = Expected.Categories(_round, expected, counts);
        _categoryDependence.Add(expected[..cells], counts[..cells], _round.Count);
    }

    private void Restart()
    {
        _round.Clear();
        (Window, _dependence, _categoryDependence) = (new StreamWindow(), new Dependence(), new CategoryDependence());
        foreach (var watch in Watches)
        {
            watch.Reset();
        }
    }
}
