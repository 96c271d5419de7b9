using System.CommandLine;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary><c>driftd publish</c>: rows of a file to a topic as prediction events.</summary>
internal static class PublishCommand
{
    private const double MostPerSecond = 10_000_000;

    public static Command Create()
    {
        var file = FileOptions.File("FILE", "Rows to publish:");
        var topic = new Option<string>("--topic") { Description = "The topic; it must be there.", HelpName = "T", Required = true };
        var model = new Option<string?>("--model") { Description = "Name of the model.", HelpName = "M", Required = true };
        var rate = new Option<double?>("--rate") { Description = "Events a second: 0.001 to 10,000,000. Default: as fast as it goes.", HelpName = "R" };
        var (attach, roles, strict) = (new AttachOptions(), new RoleOptions(model, fromColumns: false), FileOptions.Strict());
        var command = new Command("publish", FileOptions.WithExamples(
            "Publishes each row of a file as a prediction event: columns without a role are features, numbers stay numbers, all else is text, empty is null. "
            + "JSON lines with an object features are published as they are, under the model named. The key of a record is its id; its partition is chosen by "
            + "the key as Java's producers do; its timestamp is now. Ends when the brokers have acknowledged all.",
            "driftd publish predictions.csv.gz --topic predictions --model fraud --bootstrap-servers 127.0.0.1:9092",
            "driftd publish scored.csv --topic predictions --model fraud --version 7 --id txn --time at --prediction score --label is_fraud",
            "cat events.jsonl | driftd publish - --topic predictions --model fraud --rate 500"))
        {
            file, topic, rate, strict,
        };
        roles.AddTo(command);
        attach.AddTo(command, "bootstrapServers");
        command.SetAction((parsed, stop) =>
        {
            var kafka = attach.Read(parsed, Needs.Brokers).Options.Kafka;
            double? perSecond = parsed.GetValue(rate) is { } chosen ? FileOptions.InRange("--rate", chosen, 0.001, MostPerSecond) : null;
            var pace = perSecond is { } r ? new Pace(r, TimeProvider.System, span => stop.WaitHandle.WaitOne(span)) : null;

            // on a thread of its own, since it waits for brokers while Ctrl+C must be heard
            return Task.Run(
                () =>
                {
                    Publish(parsed, parsed.GetRequiredValue(file), parsed.GetValue(strict), roles.Read(parsed), kafka, parsed.GetRequiredValue(topic), pace, stop);
                    return CommandLine.Fine;
                },
                CancellationToken.None);
        });
        return command;
    }

    private static void Publish(
        ParseResult parsed, string path, bool strict, EventRoles roles, KafkaOptions kafka, string topic, Pace? pace, CancellationToken stop)
    {
        var console = parsed.InvocationConfiguration;
        using var file = InputFile.Open(path);
        var bad = new BadRows(file.Name, console.Error, strict);
        using var events = new EventRows(file, file.Rows(bad), roles, bad);
        using var publisher = new EventPublisher(kafka, topic);
        FileProgress.While(file, $"publish {file.Name}", quiet: false, tick =>
        {
            while (events.Read())
            {
                pace?.Next();
                stop.ThrowIfCancellationRequested();
                publisher.Publish(events.Id, events.Json.ToArray());
                tick();
            }

            publisher.Complete(stop);
        }, isSlow: pace is not null);
        bad.Summarise();
        console.Output.WriteLine($"published {publisher.Published} events to {topic} ({publisher.Partitions} partitions), {bad.Count} rows skipped");
    }
}
