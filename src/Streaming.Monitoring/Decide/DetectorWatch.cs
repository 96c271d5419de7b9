using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A detector over rounds on one stream.</summary>
internal sealed class DetectorWatch(string detector, object options, Func<IElementDetector> create) : IWatch
{
    // a change smaller than what the stream did within its own reference period (a daily cycle) is no change
    private const double BlockSpreads = 3;

    private readonly RoundGaps _gaps = new();
    private IElementDetector _detector = create();

    public string Detector => detector;

    public ulong Options { get; } = DetectorState.HashOf(options);

    public DriftLevel Level { get; private set; }

    public LevelReason Reason => Level switch
    {
        DriftLevel.Learning => LevelReason.FewValues,
        DriftLevel.Stable => _detector.Level > DriftLevel.Stable ? LevelReason.UsualSwing : LevelReason.Below,
        DriftLevel.Warning => LevelReason.Warning,
        _ => LevelReason.Drift,
    };

    public Evidence Evidence => _detector.Evidence;

    public double Estimate => _detector.Estimate;

    public long ChangeRounds => _gaps.Rounds(_detector.ChangeElements);

    public void Round(ModelStream stream, in Element round)
    {
        _gaps.Add(round.Count > 0);
        if (round.Count == 0)
        {
            return;
        }

        Level = _detector.Update(round);
        if (Level >= DriftLevel.Warning && Math.Abs(Evidence.After - Evidence.Before) < BlockSpreads * Math.Sqrt(stream.BlockVariance))
        {
            Level = DriftLevel.Stable;
        }
    }

    public void Reset() => (_detector, Level) = (create(), DriftLevel.Learning);

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        _gaps.Save(ref writer);
        _detector.Save(ref writer);
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        Level = (DriftLevel)reader.Byte((byte)DriftLevel.Drift);
        _gaps.Load(ref reader);
        _detector.Load(ref reader);
    }
}
