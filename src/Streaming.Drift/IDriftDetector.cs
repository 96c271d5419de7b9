namespace Streaming.Drift;

/// <summary>Watches one stream of numbers and reports when its distribution changes.</summary>
/// <remarks>One thread. Deterministic: the same values in the same order give the same levels, on every CPU.</remarks>
public interface IDriftDetector
{
    /// <summary>What the last <see cref="Update"/> returned.</summary>
    DriftLevel Level { get; }

    /// <summary>Why: statistic, threshold, means before and after, age of the change.</summary>
    ref readonly Evidence Evidence { get; }

    /// <summary>Feeds one value. After <see cref="DriftLevel.Drift"/> the next call starts a new concept.</summary>
    /// <returns>The new level. A value that is not finite changes nothing: the level is returned as it stands.</returns>
    DriftLevel Update(double value);

    /// <summary>Writes all that is needed to go on after a restart.</summary>
    void Save(ref StateWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote; the detector must have the same options.</summary>
    void Load(ref StateReader reader);
}
