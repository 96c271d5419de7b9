using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What a distance measured, and where Warning and Drift begin for this window.</summary>
internal readonly record struct Measure(
    double Statistic, double Warning, double Drift, double Before, double After, Direction Direction);

/// <summary>A distance between reference and current window, with hysteresis.</summary>
internal sealed class DistanceWatch(string detector, Func<ModelStream, Measure> measure) : IWatch
{
    /// <summary>Values that a window must hold before it is judged.</summary>
    public const long FewestValues = 2_048;

    // a level is left only below this share of the threshold that entered it
    private const double Leave = 0.8;

    public string Detector => detector;

    // thresholds are part of the code: a distance has nothing that could be configured
    public ulong Options { get; } = DetectorState.HashOf(detector);

    public DriftLevel Level { get; private set; }

    public LevelReason Reason => Level switch
    {
        DriftLevel.Learning => LevelReason.FewValues,
        DriftLevel.Stable => LevelReason.Below,
        DriftLevel.Warning => LevelReason.Warning,
        _ => Evidence.Statistic < Evidence.Threshold ? LevelReason.StillNear : LevelReason.Drift,
    };

    public Evidence Evidence { get; private set; }

    public double Estimate => Evidence.After;

    public long ChangeRounds { get; private set; }

    public void Round(ModelStream stream, in Element round)
    {
        var count = stream.Window.Total.Count;
        if (count < FewestValues)
        {
            return;
        }

        var found = measure(stream);
        Level = Judge(found.Statistic, found.Warning, found.Drift);
        ChangeRounds = stream.WindowRounds;
        Evidence = new Evidence(found.Statistic, found.Drift, found.Before, found.After, count, count, found.Direction);
    }

    public void Reset() => Level = DriftLevel.Learning;

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        Evidence.Save(ref writer);
        writer.Count(ChangeRounds);
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Level, Evidence, ChangeRounds) = ((DriftLevel)reader.Byte((byte)DriftLevel.Drift), Evidence.Load(ref reader), reader.Count());
    }

    private DriftLevel Judge(double statistic, double warning, double drift)
    {
        var drifts = statistic >= drift || (Level == DriftLevel.Drift && statistic >= Leave * drift);
        var warns = statistic >= warning || (Level >= DriftLevel.Warning && statistic >= Leave * warning);
        return drifts ? DriftLevel.Drift : warns ? DriftLevel.Warning : DriftLevel.Stable;
    }
}
