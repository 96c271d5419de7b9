using System.Diagnostics;

namespace Streaming.IntegrationTests;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error)
{
    /// <summary>The output of a program that had to succeed.</summary>
    public string Fine()
    {
        Assert.True(ExitCode == 0, $"exit {ExitCode}\n{Output}\n{Error}");
        return Output;
    }
}

/// <summary>Runs programs of this machine.</summary>
internal static class Shell
{
    /// <summary>Runs a program to its end.</summary>
    public static async Task<Ran> Run(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? variables = null, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new Ran(process.ExitCode, await output, await error);
    }

    /// <summary>The same for a line of shell.</summary>
    public static Task<Ran> Bash(string line, string? folder = null, IReadOnlyDictionary<string, string>? variables = null) =>
        Run("bash", ["-euo", "pipefail", "-c", line], folder, variables);

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
