using System.Globalization;

namespace Streaming.Benchmarks;

/// <summary>What the benchmarks can be asked for, and how the words of a command line are read.</summary>
internal static class Usage
{
    public const int Wrong = 2;

    public static int Print()
    {
        Console.Error.WriteLine(
            """
            usage: dotnet run -c Release --project tests/Streaming.Benchmarks -- COMMAND

              scenarios [--scenario credit|stable|seasonal|seasonal-fast|sticky] [--seeds 20] [--first-seed 2001] [--events 200000]
                  how soon changes are found and how often there is a false alarm: both stages in memory, no broker

              pipeline [--events 1000000] [--features 8] [--partitions 4] [--rounds 5]
                  events per second through a real Kafka (KAFKA_HOME): the bare consume loop, the stages without exactly-once
                  and driftd in turns, and where the time goes

              stages [--events 200000] [--features 8]
                  processor time of decode, observe and DECIDE per event, in memory, for short and long events

              scrape [--models 1000] [--features 50] [--effect PAIRS [--every 1]]
                  time, bytes and allocations of one scrape of /metrics; with --effect what a scraper takes from the loop, each so many seconds,
                  in so many pairs of phases of five seconds

              generate
                  writes what is made from the code: the README's table of metrics, the dashboards in docker/grafana

              labels [--events 1000000] [--partitions 4] [--rounds 3] [--open 10000000]
                  the same with labels inside the events and on a topic of their own, in turns; memory of open predictions

              detectors [--detector NAME] [--seeds 30] [--values 1000000]
                  how soon each detector finds a change of an error rate, and its alarms per million values without one

              peers [--peers FILE]
                  ns per update of each detector and µs per distance on the streams of other libraries' benchmarks; FILE: their results, a JSON object a line
                  (peer, detector, stream, ns_per_update, detections; by, distance, n, us), which are set beside ours. Pin it to a core: taskset -c 1

              state [--least 1] [--models 1000]
                  bytes of state per stream and detector and per million events, and seconds to read it back from a real Kafka (KAFKA_HOME)
            """);
        return Wrong;
    }

    /// <summary>Pairs of <c>--name value</c>; null where the words are no such pairs or a name is not among the known ones.</summary>
    public static Dictionary<string, string>? Options(string[] words, params string[] known)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < words.Length; i += 2)
        {
            if (i + 1 == words.Length || !known.Contains(words[i]))
            {
                return null;
            }

            options[words[i]] = words[i + 1];
        }

        return options;
    }

    public static int Number(this Dictionary<string, string> options, string name, int otherwise) =>
        options.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
