namespace Streaming.Drift;

/// <summary>Which way a stream must move to be reported, and which way it did move.</summary>
[Flags]
public enum Direction : byte
{
    /// <summary>No movement seen.</summary>
    None = 0,

    /// <summary>A rise.</summary>
    Up = 1,

    /// <summary>A fall.</summary>
    Down = 2,

    /// <summary>Either.</summary>
    Both = Up | Down,
}
