using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Drift;

namespace Streaming.Benchmarks;

/// <summary>Measures detectors and distances on the streams that the peers' benchmarks use, and sets their figures beside ours.</summary>
/// <remarks>Streams: SplitMix64; 0/1 with rate 0.1 and 0.4, and the sum of twelve uniforms less 6 (bits equal in any language) with mean 0 and 1, each for 20,000 values by turns.</remarks>
internal static class PeersCommand
{
    private const int Values = 1_000_000;
    private const int Stretch = 20_000;
    private const int WarmRuns = 6;
    private const int Runs = 7;

    // the detectors that peers have too, and what they call them
    private static readonly (string Name, string Peer, bool IsReal)[] Detectors =
    [
        ("adwin", "ADWINChangeDetector", true), ("page-hinkley", "PageHinkleyDM", true), ("cusum", "CusumDM", true), ("gma", "GeometricMovingAverageDM", true), ("ddm", "DDM", false),
        ("eddm", "EDDM", false), ("rddm", "RDDM", false), ("hddm-a", "HDDM_A_Test", false), ("hddm-w", "HDDM_W_Test", false), ("ecdd", "EWMAChartDM", false), ("stepd", "STEPD", false),
        ("seed", "SEEDChangeDetector", true), ("seqdrift2", "SeqDrift2ChangeDetector", false), ("kswin", "KSWIN", true),
    ];

    public static int Run(string[] words)
    {
        if (Usage.Options(words, "--peers", "--detector", "--stream") is not { } options)
        {
            return Usage.Print();
        }

        if (options.TryGetValue("--detector", out var one))
        {
            Console.WriteLine(Measure(one, options.GetValueOrDefault("--stream", "bernoulli")));
            return 0;
        }

        var peers = options.TryGetValue("--peers", out var file) ? File.ReadLines(file).Select(static line => JsonSerializer.Deserialize<JsonElement>(line)).ToList() : [];
        var text = new StringBuilder();
        text.Append("Nanoseconds of processor time per update, one process a detector, 1,000,000 values a run, the least of several runs; drifts in a run in brackets. All at their defaults.\n\n");
        text.Append("| detector | stream | ns | peer | peer's ns | ratio |\n|---|---|--:|---|--:|--:|\n");
        foreach (var (name, peer, stream) in from detector in Detectors
                                             where DetectorSpec.Names.Contains(detector.Name)
                                             from stream in detector.IsReal ? (string[])["bernoulli", "normal"] : ["bernoulli"]
                                             select (detector.Name, detector.Peer, stream))
        {
            Console.Error.Write('.');
            Row(text, name, stream, InOwnProcess(name, stream).Split(' '), peers.FirstOrDefault(line => Is(line, "detector", peer) && Is(line, "stream", stream)));
        }

        PeerDistances.Report(text, peers);
        Results.Write("peers", words, text.ToString(), save: file is not null);
        return 0;
    }

    /// <summary>Whether a line of a peer's results has this text under this name.</summary>
    public static bool Is(JsonElement line, string name, string text) =>
        line.ValueKind == JsonValueKind.Object && line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == text;

    private static void Row(StringBuilder text, string name, string stream, string[] ours, JsonElement peer)
    {
        var ns = double.Parse(ours[0], CultureInfo.InvariantCulture);
        text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {stream} | {ns:0.0} ({ours[1]}) ");
        if (peer.ValueKind != JsonValueKind.Object)
        {
            text.Append("| – | – | – |\n");
            return;
        }

        var theirs = peer.GetProperty("ns_per_update").GetDouble();
        text.Append(CultureInfo.InvariantCulture, $"| {peer.GetProperty("peer").GetString()} | {theirs:0.0} ({peer.GetProperty("detections").GetInt64()}) | {theirs / ns:0.0} |\n");
    }

    private static string InOwnProcess(string detector, string stream)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["peers", "--detector", detector, "--stream", stream]) { RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? line.Trim() : throw new InvalidOperationException($"{detector}: the run ended with {process.ExitCode}");
    }

    private static string Measure(string name, string stream)
    {
        var (values, least, drifts) = (stream == "normal" ? Normal() : Bernoulli(), double.MaxValue, 0);
        for (var run = 0; run < WarmRuns + Runs; run++)
        {
            var detector = DetectorSpec.Parse(name).Options.Create();
            var begin = Environment.CpuUsage.TotalTime;
            drifts = Feed(detector, values);
            var time = (Environment.CpuUsage.TotalTime - begin).TotalNanoseconds / values.Length;
            least = run < WarmRuns ? least : Math.Min(least, time);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{least:0.00} {drifts}");
    }

    private static int Feed(IDriftDetector detector, double[] values)
    {
        var drifts = 0;
        foreach (var value in values)
        {
            drifts += detector.Update(value) == DriftLevel.Drift ? 1 : 0;
        }

        return drifts;
    }

    private static double[] Bernoulli()
    {
        var (random, values) = (new Host.SplitMix64(1), new double[Values]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.Uniform() < (i / Stretch % 2 == 0 ? 0.1 : 0.4) ? 1 : 0;
        }

        return values;
    }

    private static double[] Normal()
    {
        var (random, values) = (new Host.SplitMix64(2), new double[Values]);
        for (var i = 0; i < values.Length; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < 12; k++)
            {
                sum += random.Uniform();
            }

            values[i] = sum - 6 + (i / Stretch % 2);
        }

        return values;
    }
}
