namespace Streaming.Monitoring;

/// <summary>How much state is to be saved.</summary>
/// <param name="All">All that changed: before a clean stop or a revoke. The other members then mean nothing.</param>
/// <param name="UnsavedBefore">Only monitors with an unsaved event before this offset.</param>
/// <param name="MostBytes">Where to end, the longest unsaved first; the monitor that reaches it is the last.</param>
public readonly record struct SaveScope(bool All, long UnsavedBefore, int MostBytes)
{
    /// <summary>All that changed.</summary>
    public static SaveScope Everything => new(All: true, long.MaxValue, int.MaxValue);
}
