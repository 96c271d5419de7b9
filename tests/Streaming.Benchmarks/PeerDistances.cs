using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Drift;
using Streaming.Host;

namespace Streaming.Benchmarks;

/// <summary>Microseconds of one comparison of two samples, the reference prepared once, beside those of the peers.</summary>
internal static class PeerDistances
{
    private const int Runs = 9;
    private const double LeastRunMilliseconds = 100;

    private static readonly (string Name, string Peer)[] Distances =
    [
        ("ks", "KS presorted"), ("psi", "PSI binned reference"), ("js", "Jensen-Shannon"), ("chi2", "chi-square"), ("wasserstein", "Wasserstein-1"),
    ];

    public static void Report(StringBuilder text, List<JsonElement> peers)
    {
        text.Append("\nMicroseconds of processor time per comparison of two samples of n values; ours with a prepared reference and the current sample as it comes, p-value of `ks` left out.\n\n");
        text.Append("| distance | n | µs | numpy | numpy's µs | ratio |\n|---|--:|--:|---|--:|--:|\n");
        foreach (var n in (int[])[1_000, 10_000])
        {
            var random = new SplitMix64(5);
            var before = Enumerable.Range(0, n).Select(_ => random.Normal()).ToArray();
            var after = Enumerable.Range(0, n).Select(_ => random.Normal() + 0.2).ToArray();
            foreach (var (name, peer) in Distances)
            {
                var ours = Least(name, new PreparedReference(before), after);
                var line = peers.FirstOrDefault(line => PeersCommand.Is(line, "by", "numpy") && PeersCommand.Is(line, "distance", peer) && line.GetProperty("n").GetInt32() == n);
                var theirs = line.ValueKind == JsonValueKind.Object ? line.GetProperty("us").GetDouble() : double.NaN;
                text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {n} | {ours:0.0} | {peer} | {theirs:0.0} | {theirs / ours:0.0} |\n");
            }
        }
    }

    private static double Least(string name, PreparedReference reference, double[] current)
    {
        var (least, calls, sum) = (double.MaxValue, 16, 0.0);
        for (var run = 0; run < Runs;)
        {
            var begin = Environment.CpuUsage.TotalTime;
            for (var call = 0; call < calls; call++)
            {
                sum += Compare(name, reference, current);
            }

            var time = Environment.CpuUsage.TotalTime - begin;
            if (time.TotalMilliseconds < LeastRunMilliseconds)
            {
                calls *= 2;
                continue;
            }

            least = Math.Min(least, time.TotalMicroseconds / calls);
            run++;
        }

        return double.IsNaN(sum) ? double.NaN : least;
    }

    private static double Compare(string name, PreparedReference reference, double[] current) => name switch
    {
        "ks" => KolmogorovSmirnov.OfSamples(reference, current, KolmogorovSmirnovMethod.None).Statistic,
        "psi" => Psi.OfSamples(reference, current).Statistic,
        "js" => JensenShannon.OfSamples(reference, current).Statistic,
        "chi2" => ChiSquare.OfSamples(reference, current).Statistic,
        _ => Wasserstein.OfSamples(reference, current).Statistic,
    };
}
