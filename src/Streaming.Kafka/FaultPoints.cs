using System.Diagnostics;

namespace Streaming.Kafka;

/// <summary>Places at which a test of crashes ends this process as <c>kill -9</c> does. Without the environment variable they do nothing.</summary>
/// <remarks><c>DRIFTD_FAULT_POINT=NAME:N</c>: at the N-th time that the place is reached.</remarks>
internal static class FaultPoints
{
    /// <summary>Outputs and offsets are in the transaction, the commit is not yet asked for.</summary>
    public const string BeforeCommit = "before-commit";

    /// <summary>The commit has come back.</summary>
    public const string AfterCommit = "after-commit";

    /// <summary>State is being read.</summary>
    public const string InRestore = "in-restore";

    private static readonly (string Name, int Left) Armed = Read(Environment.GetEnvironmentVariable("DRIFTD_FAULT_POINT"));
    private static int _reached;

    public static void Reach(string name)
    {
        if (name == Armed.Name && Interlocked.Increment(ref _reached) == Armed.Left)
        {
            Process.GetCurrentProcess().Kill();
        }
    }

    private static (string Name, int Left) Read(string? text)
    {
        var parts = (text ?? "").Split(':');
        return parts.Length == 2 && int.TryParse(parts[1], out var left) ? (parts[0], left) : ("", 0);
    }
}
