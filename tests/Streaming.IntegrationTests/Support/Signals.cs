using System.Diagnostics;

namespace Streaming.IntegrationTests;

/// <summary>Signals to other processes, by the command that every Unix has.</summary>
public static class Signals
{
    /// <summary>Sends one: TERM, KILL, STOP, CONT.</summary>
    public static void Send(int process, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-s", signal, process.ToString()]))!;
        kill.WaitForExit();
    }
}
