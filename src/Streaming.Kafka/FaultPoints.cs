using System.Diagnostics;
using System.Globalization;

namespace Streaming.Kafka;

/// <summary>Places at which a test of crashes ends or halts this process, as <c>kill -9</c> and <c>kill -STOP</c> do.</summary>
/// <remarks>
/// <c>DRIFTD_FAULT_POINT=NAME:N</c>: ends at the N-th time that the place is reached; <c>NAME:N:stop</c> halts there until someone sends SIGCONT.
/// Without the environment variable they do nothing.
/// </remarks>
internal static class FaultPoints
{
    /// <summary>Outputs and offsets are in the transaction, the commit is not yet asked for.</summary>
    public const string BeforeCommit = "before-commit";

    /// <summary>The commit has come back.</summary>
    public const string AfterCommit = "after-commit";

    /// <summary>State is being read.</summary>
    public const string InRestore = "in-restore";

    private static readonly (string Name, int At, bool Stops) Armed = Read(Environment.GetEnvironmentVariable("DRIFTD_FAULT_POINT"));
    private static int _reached;

    /// <summary>Does what is armed for this place; <paramref name="first"/> is done before that, and only then.</summary>
    public static void Reach(string name, Action? first = null)
    {
        if (name != Armed.Name || Interlocked.Increment(ref _reached) != Armed.At)
        {
            return;
        }

        first?.Invoke();
        if (!Armed.Stops)
        {
            Process.GetCurrentProcess().Kill();
            return;
        }

        using var stop = Process.Start("kill", ["-STOP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        stop.WaitForExit();
    }

    private static (string Name, int At, bool Stops) Read(string? text)
    {
        var parts = (text ?? "").Split(':');
        return parts.Length >= 2 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var at)
            ? (parts[0], at, parts.Length > 2 && parts[2] == "stop") : ("", 0, false);
    }
}
