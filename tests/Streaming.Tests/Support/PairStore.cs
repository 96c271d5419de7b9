using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>A predictions and a labels partition under DETECT, with what Kafka would hold: outputs, offsets, order and state, all committed together.</summary>
internal sealed class PairStore(MonitoringOptions options, LogRecord[] predictions, LogRecord[] labels, int seed)
{
    public const string Topic = Events.Topic;
    public const string LabelsTopic = "labels";
    public const int Partition = 3;

    public static readonly Guid TopicId = Guid.Parse("0198f9c4-aaaa-7bbb-8ccc-ddddeeeeffff");
    public static readonly Guid LabelsId = Guid.Parse("0198f9c4-bbbb-7bbb-8ccc-ddddeeeeffff");

    private static readonly StateKey OrderKey = new(TopicId, Partition, StateKind.Order, "", "", 0);

    private readonly SplitMix _random = new(seed);
    private readonly Dictionary<string, OutputRecord> _state = [];
    private readonly List<OutputRecord> _pending = [];
    private readonly List<(InputSide, int)> _taken = [];
    private readonly LogRecord[][] _logs = [predictions, labels];
    private readonly int[] _next = new int[2];
    private readonly int[] _arrived = new int[2];
    private readonly long[] _keys = [long.MinValue, long.MinValue];
    private long _unordered;
    private Guid _labelsId = LabelsId;
    private LogOffsets _committed;
    private LogOffsets _replayFrom;
    private LogOffsets _until;
    private DetectStage _stage = new(options);
    private MergeOrder _order = new(default);

    /// <summary>What is written for good, state left out.</summary>
    public List<OutputRecord> Written { get; } = [];

    public IReadOnlyDictionary<string, OutputRecord> State => _state;

    /// <summary>The order in which records were taken for good: which input, and which of its records.</summary>
    public List<(InputSide Side, int Index)> Order { get; } = [];

    public int Crashes { get; private set; }

    public int Replayed { get; private set; }

    public int MostState { get; private set; }

    public long Unordered => _unordered + _order.Unordered;

    public DetectStage Stage => _stage;

    /// <summary>Offsets that the group has.</summary>
    public LogOffsets Committed => _committed;

    /// <summary>Takes all in a given order, in one go.</summary>
    public PairStore Follow(IEnumerable<(InputSide Side, int Index)> order)
    {
        Begin();
        return FollowOn(order);
    }

    /// <summary>Goes on in a given order.</summary>
    public PairStore FollowOn(IEnumerable<(InputSide Side, int Index)> order)
    {
        foreach (var (side, index) in order)
        {
            Take(side, index, 1);
        }

        Commit(SaveScope.Everything);
        return this;
    }

    /// <summary>Ends, and begins anew under other options with what was saved.</summary>
    public PairStore Restart(MonitoringOptions other)
    {
        options = other;
        Restart();
        return this;
    }

    /// <summary>Takes all, with records that come as they will, commits, partial saves and crashes at random points.</summary>
    public PairStore Run(double crash, double commit, double silence)
    {
        Begin();
        return GoOn(crash, commit, silence);
    }

    /// <summary>Takes so many predictions from the beginning, commits now and then, and saves no monitor: a restart replays them all.</summary>
    public PairStore RunTo(int count)
    {
        Begin();
        while (_next[0] < count)
        {
            Step(0);
            if (_random.Next() < 0.1)
            {
                Commit(new SaveScope(false, 0, 0));
            }
        }

        Commit(new SaveScope(false, 0, 0));
        return this;
    }

    /// <summary>Takes the rest.</summary>
    public PairStore GoOn(double crash = 0, double commit = 0.1, double silence = 0)
    {
        while (_next[0] < _logs[0].Length || _next[1] < _logs[1].Length)
        {
            Step(silence);
            if (_random.Next() < commit)
            {
                Commit(new SaveScope(All: _random.Next() < 0.05, _order.At.Sum - Draw(1_000), Draw(30_000)));
            }

            if (_random.Next() < crash)
            {
                Restart();
            }
        }

        Commit(SaveScope.Everything);
        return this;
    }

    /// <summary>A crash after which the labels' log is no longer what it was; those of another topic are all new.</summary>
    public PairStore CrashTo(LogRecord[] otherLabels, Guid? otherTopic = null)
    {
        _logs[1] = otherLabels;
        if (otherTopic is { } id)
        {
            (_labelsId, _keys[1]) = (id, long.MinValue);
            (_committed, _replayFrom) = (_committed with { Labels = 0 }, _replayFrom with { Labels = otherLabels[0].Offset });
        }

        Restart();
        return this;
    }

    /// <summary>A crash after which the group knows no offset of the predictions, and goes on where they are.</summary>
    public PairStore CrashWithoutPredictions()
    {
        (_replayFrom, _keys[0]) = (_replayFrom with { Predictions = _committed.Predictions }, long.MinValue);
        Restart(losesPredictions: true);
        return this;
    }

    private void Begin()
    {
        _stage.Assign(Topic, Partition, TopicId);
        _stage.Pair(Topic, Partition, LabelsTopic, _labelsId, default);
    }

    /// <summary>Some records arrive, then some are taken.</summary>
    private void Step(double silence)
    {
        for (var side = 0; side < 2; side++)
        {
            if (_random.Next() < 0.5)
            {
                continue;
            }

            _arrived[side] = Math.Max(_arrived[side], Math.Min(_logs[side].Length, _next[side] + Draw(60)));
        }

        if (_order.Next(Head(0, silence), Head(1, silence), 1 + Draw(300)) is { } next)
        {
            Take(next.Side, _next[(int)next.Side], next.Count);
        }

        EndReplay();
    }

    private InputHead Head(int side, double silence) => new(
        _logs[side].AsSpan(_next[side], _arrived[side] - _next[side]), _arrived[side] == _logs[side].Length, _random.Next() < silence);

    private void Take(InputSide side, int index, int count)
    {
        var records = _logs[(int)side].AsSpan(index, count);
        _stage.Process(side == InputSide.Predictions ? Topic : LabelsTopic, Partition, records, _pending);
        _order.Take(side, records);
        _next[(int)side] = index + count;
        for (var i = 0; i < count; i++)
        {
            if (records[i].Offset >= (side == InputSide.Predictions ? _until.Predictions : _until.Labels))
            {
                _taken.Add((side, index + i));
            }
        }
    }

    private void Commit(SaveScope scope)
    {
        if (!IsReplayed())
        {
            return;
        }

        _stage.Save(Topic, Partition, scope, _pending);
        var from = _stage.FirstUnsaved(Topic, Partition) ?? _order.At.Sum;
        (_committed, _replayFrom) = (_order.At, _order.Taken.Find(from));
        _order.Taken.Save(OrderKey, _labelsId, from, _pending);
        (_keys[0], _keys[1]) = (_order.KeyOf(InputSide.Predictions), _order.KeyOf(InputSide.Labels));
        foreach (var record in _pending)
        {
            if (record.Topic != OutputTopic.State)
            {
                Written.Add(record);
                continue;
            }

            _state.Remove(Convert.ToHexString(record.Key!));
            if (record.Value is not null)
            {
                _state.Add(Convert.ToHexString(record.Key!), record);
            }
        }

        Order.AddRange(_taken);
        _taken.Clear();
        _pending.Clear();
        MostState = Math.Max(MostState, _state.Count);
    }

    private bool IsReplayed() => _order.At.Predictions >= _until.Predictions && _order.At.Labels >= _until.Labels;

    private void EndReplay()
    {
        if (_until != default && IsReplayed())
        {
            _stage.EndReplay(Topic, Partition);
            _until = default;
        }
    }

    private void Restart(bool losesPredictions = false)
    {
        Crashes++;
        _unordered += _order.Unordered;
        _pending.Clear();
        _taken.Clear();
        (_stage, _order, _until) = (new DetectStage(options), new MergeOrder(_replayFrom, _keys[0], _keys[1]), losesPredictions ? _committed with { Predictions = 0 } : _committed);
        _stage.Assign(Topic, Partition, TopicId);
        foreach (var record in _state.Values.OrderBy(_ => _random.Next()).ToArray())
        {
            var key = StateKey.Decode(record.Key);
            if (key.Kind == StateKind.Order)
            {
                _order.Taken.Load(record.Value, _labelsId);
            }
            else
            {
                _stage.Load(Topic, Partition, key, record.Value);
            }
        }

        _stage.Pair(Topic, Partition, LabelsTopic, _labelsId, _replayFrom);
        if (_until.Predictions > 0)
        {
            _stage.BeginReplay(Topic, Partition, _until.Predictions);
        }

        if (_until.Labels > 0)
        {
            _stage.BeginReplay(LabelsTopic, Partition, _until.Labels);
        }

        _order.BeginReplay(_until);
        Replayed += (int)(_committed.Sum - _replayFrom.Sum);
        for (var side = 0; side < 2; side++)
        {
            var from = side == 0 ? _replayFrom.Predictions : _replayFrom.Labels;
            _next[side] = Array.FindIndex(_logs[side], record => record.Offset >= from) is var at and >= 0 ? at : _logs[side].Length;
            _arrived[side] = _next[side];
        }

        EndReplay();
    }

    private int Draw(int below) => (int)(_random.Next() * below);
}
