using System.Globalization;
using System.Text;
using Streaming.IntegrationTests;

namespace Streaming.Benchmarks;

/// <summary>What state costs: bytes per stream and detector, bytes written per million events, seconds to read it back; and how each grows.</summary>
internal static class StateCommand
{
    private const int Partitions = 4;

    // references are complete at 2,000 values
    private const int Complete = 2_100;

    private static readonly StateCase[] Cases =
    [
        new(1, 8, 0, 1_000_000), new(10, 50, 0, 50_000), new(100, 50, 0, Complete), new(300, 50, 0, Complete), new(1_000, 50, 0, Complete),
        new(1_000, 10, 0, Complete), new(20, 50, 20, Complete), new(20, 50, 1_000, Complete),
    ];

    public static int Run(string[] words)
    {
        if (Usage.Options(words, "--least", "--models") is not { } options)
        {
            return Usage.Print();
        }

        if (LocalKafka.Missing() is { } missing)
        {
            Console.Error.WriteLine("error: the benchmark " + missing);
            return 1;
        }

        var (least, most) = (options.Number("--least", 1), options.Number("--models", 1_000));
        using var kafka = LocalKafka.Start(new LocalKafkaOptions { Java = ["-Xmx1g"] }).GetAwaiter().GetResult();
        var text = new StringBuilder();
        StateSizes.Append(text);
        text.Append(CultureInfo.InvariantCulture,
            $"""

            Through a real Kafka on the same machine, {Partitions} partitions: events as fast as they are taken, those of a model on one partition (of a single model: on all); then a clean
            stop, and a start that reads all state back. The log of state is read whole: nothing of it was compacted yet. Written per million events: up to the stop, which writes all once more.

            | models | events of each | features | categories | stage | streams | live state, MB | bytes per stream | written per million events, MB | log read back, MB | restore, s |
            |--:|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|

            """);
        var number = 0;
        foreach (var one in Cases.Where(one => one.Models >= least && one.Models <= most))
        {
            Console.Error.WriteLine($"{one.Models} models, {one.Features} features, {one.Categories} categories");
            foreach (var figure in StateRun.Of(kafka.BootstrapServers, one, number++, Partitions))
            {
                var line = string.Create(CultureInfo.InvariantCulture,
                    $"| {one.Models:N0} | {one.EventsPerModel:N0} | {one.Features} | {Categories(one)} | {figure.Stage} | {figure.Streams:N0} "
                    + $"| {figure.Live / 1e6:0.0} | {(double)figure.Live / figure.Streams:N0} | {figure.Written / 1e6 / (one.Events / 1e6):0.0} | {figure.Log / 1e6:0.0} | {figure.Seconds:0.0} |");
                text.AppendLine(line);
                Console.Error.WriteLine(line);
            }
        }

        Results.Write("state", words, text.ToString(), save: least <= 1 && most >= 1_000);
        return 0;
    }

    private static string Categories(StateCase one) => one.Categories > 0 ? one.Categories.ToString("N0", CultureInfo.InvariantCulture) : "numbers";
}
