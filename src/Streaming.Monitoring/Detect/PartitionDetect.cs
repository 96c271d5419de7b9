using System.Text;

namespace Streaming.Monitoring;

/// <summary>All model versions on one partition of a predictions topic.</summary>
internal sealed class PartitionDetect(MonitoringOptions options, EventDecoder decoder, string topic, int partition)
{
    private const long ClampAfterMilliseconds = 3_600_000;

    private readonly byte[] _topicName = Encoding.UTF8.GetBytes(topic);
    private readonly DecodedEvent _decoded = new();
    private readonly Utf8Table _keys = new();
    private readonly List<PartitionMonitor> _monitors = [];
    private byte[] _key = new byte[256];
    private long _kafkaTime = long.MinValue;

    public IReadOnlyList<PartitionMonitor> Monitors => _monitors;

    public long Watermark { get; private set; } = long.MinValue;

    public void Process(in LogRecord record, List<OutputRecord> output, DetectCounts counts)
    {
        var reason = record.Value is null ? RejectReason.NullValue : decoder.Decode(record.Value, _decoded);
        var field = reason is RejectReason.None or RejectReason.NullValue ? "" : decoder.RejectedField(record.Value, _decoded);
        if (reason == RejectReason.None)
        {
            var monitor = MonitorOf(record.Value);
            if (monitor is null)
            {
                counts.OverModelLimit++;
                return;
            }

            field = monitor.Misfit(_decoded, record.Value) ?? "";
            reason = field.Length > 0 ? RejectReason.WrongType : RejectReason.None;
            if (reason == RejectReason.None)
            {
                Observe(monitor, record, output, counts);
                return;
            }
        }

        counts.Reject(topic, reason);
        output.Add(DeadLetter.Of(topic, partition, record, reason, field, options.MaxRecordBytes));
    }

    public void Close(PaneEnd end, List<OutputRecord> output, DetectCounts counts)
    {
        foreach (var monitor in _monitors)
        {
            if (monitor.IsOpen)
            {
                output.Add(monitor.Close(end));
                counts.PanesClosed[(int)end]++;
            }
        }
    }

    private void Observe(PartitionMonitor monitor, in LogRecord record, List<OutputRecord> output, DetectCounts counts)
    {
        _kafkaTime = Math.Max(_kafkaTime, record.Timestamp);
        var time = _decoded.Time ?? record.Timestamp;
        if (time - record.Timestamp > ClampAfterMilliseconds)
        {
            time = record.Timestamp;
            counts.ClampedTimes++;
        }

        counts.WithoutKey += record.Key is null ? 1 : 0;
        Watermark = Math.Max(Watermark, time);
        if (monitor.Observe(_decoded, record.Value, record.Offset, _kafkaTime, time, out var end) is { } pane)
        {
            output.Add(pane);
            counts.PanesClosed[(int)end]++;
        }
    }

    private PartitionMonitor? MonitorOf(ReadOnlySpan<byte> record)
    {
        var model = _decoded.Model.Length > 0 ? _decoded.Text(_decoded.Model, record) : _topicName;
        var version = _decoded.Version.Length > 0 ? _decoded.Text(_decoded.Version, record) : "-"u8;
        var length = model.Length + 1 + version.Length;
        if (_key.Length < length)
        {
            _key = new byte[length * 2];
        }

        // 0xFF is no byte of any UTF-8 text, so no model and version can be taken for another pair
        model.CopyTo(_key);
        _key[model.Length] = 0xff;
        version.CopyTo(_key.AsSpan(model.Length + 1));
        var key = _key.AsSpan(0, length);
        var index = _keys.Find(key);
        if (index < 0)
        {
            if (_keys.Count == options.MaxModels)
            {
                return null;
            }

            index = _keys.Add(key);
            _monitors.Add(new PartitionMonitor(options, topic, partition, Encoding.UTF8.GetString(model), Encoding.UTF8.GetString(version)));
        }

        return _monitors[index];
    }
}
