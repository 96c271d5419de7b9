using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One detector or distance on one stream of a model version.</summary>
internal interface IWatch
{
    /// <summary>Name in signals and metrics.</summary>
    string Detector { get; }

    /// <summary>What it says after the newest round; Learning where it cannot judge.</summary>
    DriftLevel Level { get; }

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
}
