using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Streaming.Benchmarks;

/// <summary>Where measurements are kept: <c>Results/CPU/</c>, with what they were made on.</summary>
internal static partial class Results
{
    /// <summary>Prints a text, and keeps it where it is a whole measurement.</summary>
    public static void Write(string command, string[] words, string text, bool save)
    {
        Console.WriteLine(text);
        if (!save)
        {
            return;
        }

        var head =
            $"""
            # {command}

            CPU: {Cpu()}, {Environment.ProcessorCount} logical processors. Runtime: {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}. Load average at the end: {Load()}.
            Command: `dotnet run -c Release --project tests/Streaming.Benchmarks -- {string.Join(' ', [command, .. words])}`


            """;
        var folder = Path.Combine(Root(), "tests", "Streaming.Benchmarks", "Results", OddLetters().Replace(Cpu(), "-").Trim('-'));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, command + ".md"), head + text);
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string Cpu()
    {
        const string key = "model name";
        var line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>The root of the repository.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Streaming.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("not run inside the repository");
    }

    [GeneratedRegex("[^A-Za-z0-9.]+")]
    private static partial Regex OddLetters();
}
