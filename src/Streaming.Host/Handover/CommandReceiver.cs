using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Streaming.Host;

/// <summary>Runs a command for each trigger: the CloudEvent on its standard input, exit code 0 = taken.</summary>
internal sealed class CommandReceiver(string command, TimeSpan timeout) : ITriggerReceiver
{
    private const int LongestLine = 200;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public Refusal? Deliver(Trigger trigger, CancellationToken stop)
    {
        using var process = Start(trigger, out var problem);
        if (process is null)
        {
            return new Refusal(problem);
        }

        var (output, error) = (new LastLine(), new LastLine());
        process.OutputDataReceived += (_, line) => output.Set(line.Data);
        process.ErrorDataReceived += (_, line) => error.Set(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Write(process, trigger.Json);
        var started = Stopwatch.GetTimestamp();
        while (!process.WaitForExit(Tick))
        {
            if (!stop.IsCancellationRequested && Stopwatch.GetElapsedTime(started) < timeout)
            {
                continue;
            }

            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            stop.ThrowIfCancellationRequested();
            return new Refusal($"the command was ended after {timeout.TotalSeconds:0.#} s{error.Text ?? output.Text}");
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? null : new Refusal($"the command ended with exit code {process.ExitCode}{error.Text ?? output.Text}");
    }

    private Process? Start(Trigger trigger, out string problem)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        (string Name, string Value)[] told =
        [
            ("DRIFTD_TRIGGER_ID", trigger.Id), ("DRIFTD_MODEL", trigger.Model), ("DRIFTD_VERSION", trigger.Version), ("DRIFTD_REASON", trigger.Reason),
            ("TRACEPARENT", trigger.TraceParent ?? ""),
        ];
        foreach (var (name, value) in told)
        {
            // a NUL would end the environment's text
            start.Environment[name] = value.Replace("\0", "", StringComparison.Ordinal);
        }

        try
        {
            problem = "";
            return Process.Start(start);
        }
        catch (Win32Exception exception)
        {
            problem = $"the command could not be started: {exception.Message}";
            return null;
        }
    }

    private static void Write(Process process, byte[] json)
    {
        try
        {
            using var input = process.StandardInput.BaseStream;
            input.Write(json);
        }
        catch (IOException)
        {
            // a command may end, or close its input, without reading: its exit code decides
        }
    }

    /// <summary>What the command said last, to be shown with a failure.</summary>
    private sealed class LastLine
    {
        private volatile string? _line;

        public string? Text => _line is { } line ? ": " + line : null;

        public void Set(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                var text = new string([.. line.Trim().Select(static letter => char.IsControl(letter) ? ' ' : letter)]);
                _line = text.Length <= LongestLine ? text : text[..LongestLine];
            }
        }
    }
}
