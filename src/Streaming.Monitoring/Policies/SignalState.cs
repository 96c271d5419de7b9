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
        signal.Evidence.Save(ref writer);
        writer.Write(signal.DetectedAt);
        writer.Write(signal.ChangedAt);
        writer.Write(signal.ChangeRounds);
        writer.Write(signal.Round);
        writer.Write(signal.RecordTime);
        writer.Write(signal.MayTrigger);
        writer.Count(signal.Where.Count);
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
            Level = (DriftLevel)reader.Byte((byte)DriftLevel.Drift),
            PreviousLevel = (DriftLevel)reader.Byte((byte)DriftLevel.Drift),
            Evidence = Evidence.Load(ref reader),
            DetectedAt = reader.Int64(),
            ChangedAt = reader.Int64(),
            ChangeRounds = reader.Int64(),
            Round = reader.Int64(),
            RecordTime = reader.Int64(),
            MayTrigger = reader.Bool(),
        };
        var where = new SignalSource[reader.Length(9)];
        for (var i = 0; i < where.Length; i++)
        {
            where[i] = new SignalSource(reader.Text(), reader.Int32(), (DriftLevel)reader.Byte((byte)DriftLevel.Drift));
        }

        return signal with { Where = where };
    }
}
