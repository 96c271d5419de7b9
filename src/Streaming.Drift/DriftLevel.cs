namespace Streaming.Drift;

/// <summary>What a detector or distance says of a stream after its newest value.</summary>
public enum DriftLevel : byte
{
    /// <summary>Not enough values yet to judge.</summary>
    Learning,

    /// <summary>No sign of a change.</summary>
    Stable,

    /// <summary>A change is suspected.</summary>
    Warning,

    /// <summary>A change is established.</summary>
    Drift,
}
