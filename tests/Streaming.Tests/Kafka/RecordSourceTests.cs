using System.Reflection;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class RecordSourceTests
{
    private const int Room = 100;

    private static readonly KafkaOptions Options = new()
    {
        Topics = ["predictions"],
        Labels = new Dictionary<string, string> { ["predictions"] = "labels" },
        MaxQueuedRecords = Room,
    };

    private static readonly Layout Topics = new(
        new Topics("drift."), StageRole.Detect, Options.Inputs, new Dictionary<string, int> { ["predictions"] = 2, ["labels"] = 2 }, new Dictionary<string, Guid>(),
        Options.Labels);

    private readonly Assignment _assignment = new();
    private readonly Log _log = (Log)DispatchProxy.Create<IConsumer<byte[], byte[]>, Log>();
    private readonly RecordSource _source;

    public RecordSourceTests() => _source = new RecordSource(
        Options, "group", (IConsumer<byte[], byte[]>)(object)_log, _assignment, new LabelWarnings(Options, Topics, NullLogger.Instance), TimeProvider.System);

    [Fact]
    public void A_full_queue_of_predictions_does_not_keep_their_labels_from_being_assigned()
    {
        _assignment.Add(Half("predictions", 0));
        _log.Fill("predictions", 0, 10 * Room);
        Poll(3);
        Assert.Equal((false, false), (_source.HasRoom, _assignment.CanTake));

        // partitions are assigned while the client is asked for records
        _log.WhenAsked = () => _assignment.Add(Half("labels", 0));
        Poll(1);

        Assert.NotNull(_assignment.Find(new TopicPartition("labels", 0)));
    }

    [Fact]
    public void While_halves_wait_for_others_no_more_than_the_next_record_of_each_goes_over_the_bound()
    {
        _assignment.Add(Half("predictions", 0));
        _log.Fill("predictions", 0, 10 * Room);
        Poll(3);
        foreach (var (topic, partition) in new[] { ("predictions", 1), ("labels", 1), ("labels", 0) })
        {
            _assignment.Add(Half(topic, partition));
            _log.Fill(topic, partition, 10 * Room);
            Poll(5);
        }

        Assert.InRange(_assignment.QueuedRecords, Room, Room + 4);
        Assert.All(_assignment.Partitions, static owned => Assert.True(owned.Queue.Count > 0));
    }

    private void Poll(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _source.Poll(new Patience("detect", NullLogger.Instance, TimeProvider.System, static () => { }, default), static () => { });
        }
    }

    private static OwnedPartition Half(string topic, int partition) => new(new TopicPartition(topic, partition), null, new SaveSchedule(TimeProvider.System)) { IsHalf = true };

    /// <summary>A client that has records of each partition, and gives those of partitions that are not paused in turns.</summary>
    public class Log : DispatchProxy
    {
        private readonly Dictionary<TopicPartition, (int Next, int End)> _left = [];
        private readonly HashSet<TopicPartition> _paused = [];
        private int _turn;

        public Action? WhenAsked { get; set; }

        public void Fill(string topic, int partition, int count) => _left.Add(new TopicPartition(topic, partition), (0, count));

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case nameof(IConsumer<byte[], byte[]>.Consume):
                    return Consume();
                case nameof(IConsumer<byte[], byte[]>.Pause):
                    _paused.UnionWith((IEnumerable<TopicPartition>)args![0]!);
                    return null;
                case nameof(IConsumer<byte[], byte[]>.Resume):
                    _paused.ExceptWith((IEnumerable<TopicPartition>)args![0]!);
                    return null;
                default:
                    throw new NotSupportedException(targetMethod.Name);
            }
        }

        private ConsumeResult<byte[], byte[]>? Consume()
        {
            WhenAsked?.Invoke();
            WhenAsked = null;
            var ready = _left.Where(one => one.Value.Next < one.Value.End && !_paused.Contains(one.Key)).Select(static one => one.Key).ToList();
            if (ready.Count == 0)
            {
                return null;
            }

            var partition = ready[_turn++ % ready.Count];
            var (next, end) = _left[partition];
            _left[partition] = (next + 1, end);
            return new ConsumeResult<byte[], byte[]>
            {
                TopicPartitionOffset = new TopicPartitionOffset(partition, next),
                Message = new Message<byte[], byte[]> { Key = [], Value = [], Timestamp = new Timestamp(1_000 + next, TimestampType.CreateTime) },
            };
        }
    }
}
