using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One detector or distance on one stream of a model version.</summary>
internal interface IWatch
{
    /// <summary>Name in signals and metrics.</summary>
    string Detector { get; }

    /// <summary>What it says after the newest round; Learning where it cannot judge.</summary>
    DriftLevel Level { get; }

    /// <summary>Why <see cref="Level"/> is what it is, in a word.</summary>
    LevelReason Reason { get; }

    /// <summary>Why.</summary>
    Evidence Evidence { get; }

    /// <summary>Current estimate of what is watched.</summary>
    double Estimate { get; }

    /// <summary>Rounds since the change that <see cref="Evidence"/> speaks of.</summary>
    long ChangeRounds { get; }

    /// <summary>Takes the round that has just closed.</summary>
    void Round(ModelStream stream, in Element round);

    /// <summary>Starts anew: the stream's reference was replaced.</summary>
    void Reset();

    /// <summary>Hash of what configures it: state kept under another hash is not for it.</summary>
    ulong Options { get; }

    /// <summary>Writes all that is needed to go on after a restart.</summary>
    void Save(ref StateWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote into a new watch.</summary>
    void Load(ref StateReader reader);
}
