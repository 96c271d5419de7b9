using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A standing signal as state.</summary>
internal static class SignalState
{
    public static void Save(ref StateWriter writer, DriftSignal signal)
    {
        foreach (var text in (ReadOnlySpan<string>)[signal.Id, signal.Group, signal.Model, signal.Version, signal.Stream, signal.Detector])
        {
            writer.Write(text);
        }

        writer.Write((byte)signal.Level);
        writer.Write((byte)signal.PreviousLevel);
        writer.Write(signal.Evidence.Statistic);
        writer.Write(signal.Evidence.Threshold);
        writer.Write(signal.Evidence.Before);
        writer.Write(signal.Evidence.After);
        writer.Write(signal.Evidence.Count);
        writer.Write(signal.Evidence.ChangeAge);
        writer.Write((byte)signal.Evidence.Direction);
        writer.Write(signal.DetectedAt);
        writer.Write(signal.ChangedAt);
        writer.Write(signal.ChangeRounds);
        writer.Write(signal.RecordTime);
        writer.Write(signal.MayTrigger);
        writer.Write(signal.Where.Count);
        foreach (var (topic, partition, level) in signal.Where)
        {
            writer.Write(topic);
            writer.Write(partition);
            writer.Write((byte)level);
        }
    }

    public static DriftSignal Load(ref StateReader reader)
    {
        var signal = new DriftSignal
        {
            Id = reader.Text(),
            Group = reader.Text(),
            Model = reader.Text(),
            Version = reader.Text(),
            Stream = reader.Text(),
            Detector = reader.Text(),
            Level = (DriftLevel)reader.Byte(),
            PreviousLevel = (DriftLevel)reader.Byte(),
            Evidence = new Evidence(
                reader.Double(), reader.Double(), reader.Double(), reader.Double(), reader.Int64(), reader.Int64(), (Direction)reader.Byte()),
            DetectedAt = reader.Int64(),
            ChangedAt = reader.Int64(),
            ChangeRounds = reader.Int64(),
            RecordTime = reader.Int64(),
            MayTrigger = reader.Bool(),
        };
        var where = new SignalSource[reader.Int32()];
        for (var i = 0; i < where.Length; i++)
        {
            where[i] = new SignalSource(reader.Text(), reader.Int32(), (DriftLevel)reader.Byte());
        }

        return signal with { Where = where };
    }
}
