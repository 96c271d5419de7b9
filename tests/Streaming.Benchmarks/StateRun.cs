using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Host;
using Streaming.IntegrationTests;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>How many models with how many features; of texts with so many categories, or of numbers where that is 0.</summary>
internal readonly record struct StateCase(int Models, int Features, int Categories, int EventsPerModel)
{
    public int Events => Models * EventsPerModel;
}

/// <summary>What one stage's state came to.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Streams">Streams held.</param>
/// <param name="Live">Bytes of the newest record of each key.</param>
/// <param name="Written">Bytes written up to the stop.</param>
/// <param name="Log">Bytes of all records of the state topic.</param>
/// <param name="Seconds">To read it back and load it.</param>
internal readonly record struct StateFigure(string Stage, long Streams, long Live, long Written, long Log, double Seconds);

/// <summary>Fills state by events, stops, and reads it back.</summary>
internal static partial class StateRun
{
    public static List<StateFigure> Of(string servers, StateCase of, int number, int partitions)
    {
        var kafka = new KafkaOptions { BootstrapServers = servers, Topics = [$"in{number}"], Group = $"state-{number}", Prefix = $"state{number}." };
        Publishing.Fill(servers, kafka.Topics[0], partitions, Events(of, partitions));
        StageRole[] roles = [StageRole.Detect, StageRole.Decide];
        var (streams, before, after) = (new long[2], new long[2], new long[2]);
        using (var running = new RunningStages(kafka))
        {
            RunningStages.Wait(() => running.Telemetry.Latest(StageRole.Detect).Records >= of.Events);
            RunningStages.Wait(() => running.Telemetry.Latest(StageRole.Decide) is { Lags: { Count: > 0 } lags } && lags.Sum(static lag => lag.Lag) == 0);
            foreach (var role in roles)
            {
                (streams[(int)role], before[(int)role]) = (running.Telemetry.Latest(role).Stage.StreamsHeld, running.Telemetry.Latest(role).StateBytes);
            }

            running.Stop();
            after = [.. roles.Select(role => running.Telemetry.Latest(role).StateBytes)];
        }

        var listing = new StateStore(kafka, NullLogger.Instance, TimeProvider.System).Read(CancellationToken.None);
        var seconds = Restored(kafka, partitions);
        return
        [
            .. from role in roles
               let topic = new Topics(kafka.Prefix).State(role)
               let live = listing.Entries.Where(entry => entry.StateTopic == topic).Sum(static entry => entry.Bytes)
               select new StateFigure(role.ToString().ToUpperInvariant(), streams[(int)role], live, before[(int)role], after[(int)role], seconds[(int)role]),
        ];
    }

    private static IEnumerable<(int Partition, Message<byte[], byte[]> Message)> Events(StateCase of, int partitions)
    {
        var random = new SplitMix64(1);
        for (var i = 0; i < of.Events; i++)
        {
            var model = i % of.Models;
            var value = StateEvents.Event(random, i, model, of.Features, of.Categories);
            var time = new Timestamp(StateEvents.Start + i, TimestampType.CreateTime);
            yield return (of.Models > 1 ? model % partitions : i % partitions, new() { Key = Encoding.UTF8.GetBytes($"{i:x8}"), Value = value, Timestamp = time });
        }
    }

    /// <summary>Seconds that each stage says its restore took, once both have all partitions back.</summary>
    private static double[] Restored(KafkaOptions kafka, int partitions)
    {
        var log = new LogLines();
        using var running = new RunningStages(kafka, log);
        RunningStages.Wait(() => running.Workers.TrueForAll(static worker => worker.Ready)
            && running.Telemetry.Latest(StageRole.Detect).Restores >= partitions && running.Telemetry.Latest(StageRole.Decide).Restores > 0);
        var found = RestoreTime().Matches(log.ToString());
        return [.. from name in (string[])["detect", "decide"]
                   select found.Where(match => match.Groups["stage"].Value == name).Sum(static match => double.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(@"(?<stage>detect|decide): restored .* in (?<seconds>[\d.]+) s \(")]
    private static partial Regex RestoreTime();
}
