using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Streaming.IntegrationTests;

/// <summary>The built program <c>driftd</c>, as a process of its own.</summary>
internal sealed partial class DriftdProcess : IAsyncDisposable
{
    private const int Terminate = 15;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    public DriftdProcess(params string[] arguments)
        : this(new Dictionary<string, string>(), arguments)
    {
    }

    /// <summary>Starts it with variables beside those of this process.</summary>
    public DriftdProcess(IReadOnlyDictionary<string, string> environment, params string[] arguments)
        : this([Program], environment, arguments)
    {
    }

    /// <summary>The same with the words that start it: another build, or a command that runs it.</summary>
    public DriftdProcess(IReadOnlyList<string> program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program[0], program.Skip(1).Concat(arguments))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetTempPath(),
            },
        };
        foreach (var (name, value) in environment)
        {
            _process.StartInfo.Environment[name] = value;
        }

        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Lines of standard output so far.</summary>
    public List<string> Output => Copy(_output);

    /// <summary>Lines of standard error so far.</summary>
    public List<string> Errors => Copy(_errors);

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    /// <summary>Where the built program lies.</summary>
    public static string Program { get; } =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Streaming.Host", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "driftd"));

    /// <summary>The exit code, once it has ended by itself.</summary>
    public async Task<int> Ended()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Resident memory in bytes, as the kernel counts it: now, or the most there ever was.</summary>
    public long Resident(bool most = false)
    {
        var name = most ? "VmHWM:" : "VmRSS:";
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..^2].Trim(), CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>Sends SIGTERM; returns the exit code and the time it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> Stop()
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, Kill(_process.Id, Terminate));
        return (await Ended(), watch.Elapsed);
    }

    /// <summary>Whether it says it is ready; false while it cannot be asked.</summary>
    public bool Ready() => Ask("health/ready").GetAwaiter().GetResult() is { } answer && answer.IsSuccessStatusCode;

    /// <summary>Whether it says that its loops move.</summary>
    public bool Live() => Ask("health/live").GetAwaiter().GetResult() is { } answer && answer.IsSuccessStatusCode;

    /// <summary>What it serves as metrics; empty while it cannot be asked.</summary>
    public string Metrics() => Ask("metrics").GetAwaiter().GetResult()?.Content.ReadAsStringAsync().GetAwaiter().GetResult() ?? "";

    /// <summary>Sum of all series of a metric whose labels hold a text.</summary>
    public double Sum(string metric, string labels = "") => Sum(Metrics(), metric, labels);

    /// <summary>The same in a text.</summary>
    public static double Sum(string metrics, string metric, string labels = "") => metrics.Split('\n')
        .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line[metric.Length] is '{' or ' ' && line.Contains(labels, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>Where it serves, from its first log line; null before that.</summary>
    public Uri? Url() => Errors.Select(static line => Address().Match(line)).FirstOrDefault(static match => match.Success) is { } match
        ? new Uri(match.Groups["url"].Value) : null;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Waits for a condition; where it does not come true, what the process said is in the failure.</summary>
    public async Task Until(Func<bool> condition, string what, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process.HasExited || watch.Elapsed > (deadline ?? Deadline))
            {
                if (_process.HasExited)
                {
                    await _process.WaitForExitAsync();
                }

                Assert.Fail($"waited {watch.Elapsed.TotalSeconds:0} s in vain until {what}\n{string.Join('\n', Errors)}\n{Metrics()}");
            }

            await Task.Delay(50);
        }
    }

    private static List<string> Copy(List<string> lines)
    {
        lock (lines)
        {
            return [.. lines];
        }
    }

    private static void Add(List<string> lines, string? line)
    {
        lock (lines)
        {
            if (line is not null)
            {
                lines.Add(line);
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    [GeneratedRegex("metrics (?<url>http://[^/]+/)metrics")]
    private static partial Regex Address();

    private async Task<HttpResponseMessage?> Ask(string path)
    {
        if (Url() is not { } url)
        {
            return null;
        }

        try
        {
            return await Client.GetAsync(new Uri(url, path));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
