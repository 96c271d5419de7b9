using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>One partition under a stage, with what Kafka would hold: outputs, offset and compacted state, all committed together.</summary>
/// <remarks>A crash drops memory and whatever was not committed, and brings the stage back as the service does.</remarks>
internal sealed class StateStore(Func<IStage> create, LogRecord[] log, IReadOnlyCollection<int> idleAt, int seed)
{
    public const string Topic = Events.Topic;
    public const int Partition = 3;

    public static readonly Guid TopicId = Guid.Parse("0198f9c4-aaaa-7bbb-8ccc-ddddeeeeffff");

    private readonly SplitMix _random = new(seed);
    private readonly Dictionary<string, OutputRecord> _state = [];
    private readonly List<OutputRecord> _written = [];
    private readonly List<OutputRecord> _pending = [];
    private IStage _stage = create();
    private int _position;
    private int _idle;
    private long _committed;
    private int _committedIdle;
    private long _replayFrom;

    /// <summary>What is written for good, state left out.</summary>
    public IReadOnlyList<OutputRecord> Written => _written;

    /// <summary>Saved state, newest value of each key.</summary>
    public IReadOnlyDictionary<string, OutputRecord> State => _state;

    public int Crashes { get; private set; }

    /// <summary>Records that were replayed.</summary>
    public int Replayed { get; private set; }

    public IStage Stage => _stage;

    /// <summary>The whole log in one go, committed once.</summary>
    public StateStore Run()
    {
        _stage.Assign(Topic, Partition, TopicId);
        while (_position < log.Length)
        {
            Step(log.Length);
        }

        Finish();
        return this;
    }

    /// <summary>The whole log with commits, partial saves and crashes at random points.</summary>
    public StateStore RunWithCrashes(double crash, double commit, int batch)
    {
        _stage.Assign(Topic, Partition, TopicId);
        while (_position < log.Length)
        {
            Step(1 + Draw(batch));
            if (_random.Next() < commit)
            {
                Commit(new SaveScope(All: _random.Next() < 0.05, NextOffset() - Draw(1_000), Draw(30_000)));
            }

            if (_random.Next() < crash)
            {
                Restart(create());
            }
        }

        Finish();
        return this;
    }

    /// <summary>Processes up to <paramref name="most"/> records, and flushes where live input pauses.</summary>
    public void Step(int most)
    {
        var end = Math.Min(_position + most, log.Length);
        var pauses = idleAt.Where(at => at > _position && at <= end).DefaultIfEmpty(end);
        end = pauses.Min();
        _stage.Process(Topic, Partition, log.AsSpan(_position, end - _position), _pending);
        _position = end;
        if (idleAt.Contains(_position) && _idle < _position)
        {
            _stage.Flush(Topic, Partition, _pending, FlushReason.Idle);
            _idle = _position;
        }
    }

    public void Commit(SaveScope scope)
    {
        _stage.Save(Topic, Partition, scope, _pending);
        foreach (var record in _pending)
        {
            if (record.Topic != OutputTopic.State)
            {
                _written.Add(record);
                continue;
            }

            _state.Remove(Convert.ToHexString(record.Key!));
            if (record.Value is not null)
            {
                _state.Add(Convert.ToHexString(record.Key!), record);
            }
        }

        _pending.Clear();
        (_committed, _committedIdle) = (NextOffset(), _idle);
        _replayFrom = _stage.FirstUnsaved(Topic, Partition) ?? _committed;
    }

    /// <summary>Memory is gone: what was committed is read, and the rest of the way is gone again.</summary>
    public void Restart(IStage stage)
    {
        Crashes++;
        _pending.Clear();
        (_stage, _idle) = (stage, _committedIdle);
        _stage.Assign(Topic, Partition, TopicId);
        foreach (var record in _state.Values.OrderBy(_ => _random.Next()).ToArray())
        {
            _stage.Load(Topic, Partition, StateKey.Decode(record.Key), record.Value);
        }

        _stage.BeginReplay(Topic, Partition, _committed);
        _position = Array.FindIndex(log, record => record.Offset >= _replayFrom) is var at and >= 0 ? at : log.Length;
        var end = Array.FindIndex(log, record => record.Offset >= _committed) is var last and >= 0 ? last : log.Length;
        Replayed += end - _position;
        while (_position < end)
        {
            var count = Math.Min(1 + Draw(400), end - _position);
            _stage.Process(Topic, Partition, log.AsSpan(_position, count), _pending);
            _position += count;
        }

        // half of the time the first new record has to end the replay by itself
        if (_random.Next() < 0.5 || idleAt.Contains(_position) || _position == log.Length)
        {
            _stage.EndReplay(Topic, Partition);
        }
    }

    public void Finish() => Commit(SaveScope.Everything);

    /// <summary>A record in one line, so that a difference can be read.</summary>
    public static string Line(OutputRecord record) =>
        $"{record.Topic} {record.PartitionHash} {Hex(record.Key)} {Hex(record.Value)} {string.Join(',', record.Headers?.Select(header => header.Key + Hex(header.Value)) ?? [])}";

    private static string Hex(byte[]? bytes) => bytes is null ? "-" : Convert.ToHexString(bytes);

    private long NextOffset() => _position == 0 ? 0 : log[_position - 1].Offset + 1;

    private int Draw(int below) => (int)(_random.Next() * below);
}
