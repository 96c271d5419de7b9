using System.CommandLine;
using System.ComponentModel.DataAnnotations;
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
        var labels = new Option<string?>("--labels-topic") { Description = "Labels go to this topic, by the same keys; it must be there, with as many partitions.", HelpName = "L" };
        var delay = new Option<string?>("--label-delay") { Description = "Event time after its event at which a label follows: 0 to 365d. Default 0.", HelpName = "D" };
        var (attach, roles, strict) = (new AttachOptions(), new RoleOptions(model, fromColumns: false), FileOptions.Strict());
        var command = new Command("publish", FileOptions.WithExamples(
            "Publishes each row of a file as a prediction event: columns without a role are features, numbers stay numbers, all else is text, empty is null. "
            + "JSON lines with an object features are published as they are, under the model named. The key of a record is its id; its partition is chosen by "
            + "the key as Java's producers do; its timestamp is now. Ends when the brokers have acknowledged all.",
            "driftd publish predictions.csv.gz --topic predictions --model fraud --bootstrap-servers 127.0.0.1:9092",
            "driftd publish scored.csv --topic predictions --model fraud --version 7 --id txn --time at --prediction score --label is_fraud",
            "driftd publish predictions.csv.gz --topic predictions --model fraud --labels-topic labels --label-delay 24h",
            "cat events.jsonl | driftd publish - --topic predictions --model fraud --rate 500"))
        {
            file, topic, rate, labels, delay, strict,
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
                    var split = Split(parsed.GetValue(labels), parsed.GetValue(delay));
                    Publish(parsed, parsed.GetRequiredValue(file), parsed.GetValue(strict), roles.Read(parsed), kafka, (parsed.GetRequiredValue(topic), parsed.GetValue(labels)), split, pace, stop);
                    return CommandLine.Fine;
                },
                CancellationToken.None);
        });
        return command;
    }

    private static LabelSplit? Split(string? labels, string? delay)
    {
        var time = delay is null ? TimeSpan.Zero : Durations.Parse(delay);
        if (time is not { } span || span < TimeSpan.Zero || span > TimeSpan.FromDays(365) || (labels is null && delay is not null))
        {
            throw new ValidationException($"--label-delay = {delay}: must be a duration from 0 to 365d, written as 30m, 24h or 7d, beside --labels-topic");
        }

        return labels is null ? null : new LabelSplit(span);
    }

    private static void Publish(
        ParseResult parsed, string path, bool strict, EventRoles roles, KafkaOptions kafka, (string Events, string? Labels) topics, LabelSplit? split, Pace? pace,
        CancellationToken stop)
    {
        var console = parsed.InvocationConfiguration;
        using var file = InputFile.Open(path);
        var bad = new BadRows(file.Name, console.Error, strict);
        using var events = new EventRows(file, file.Rows(bad), roles, bad);
        using var publisher = new EventPublisher(kafka, topics.Events);
        using var labels = topics.Labels is { } topic ? new EventPublisher(kafka, topic) : null;
        if (labels is not null && labels.Partitions != publisher.Partitions)
        {
            throw new ValidationException(
                $"--labels-topic = {topics.Labels}: has {labels.Partitions} partitions, {topics.Events} has {publisher.Partitions}: labels would not lie beside their events");
        }

        FileProgress.While(file, $"publish {file.Name}", quiet: false, tick =>
        {
            while (events.Read())
            {
                pace?.Next();
                stop.ThrowIfCancellationRequested();
                var value = split?.Take(events) ?? events.Json.ToArray();
                Send(labels, split?.Due());
                publisher.Publish(events.Id, value);
                tick();
            }

            Send(labels, split?.Due(all: true));
            publisher.Complete(stop);
            labels?.Complete(stop);
        }, isSlow: pace is not null);
        bad.Summarise();
        var also = labels is null ? "" : $" and {labels.Published} labels to {topics.Labels}";
        console.Output.WriteLine($"published {publisher.Published} events to {topics.Events} ({publisher.Partitions} partitions){also}, {bad.Count} rows skipped");
    }

    private static void Send(EventPublisher? publisher, IEnumerable<(byte[]? Key, byte[] Value)>? labels)
    {
        foreach (var (key, value) in labels ?? [])
        {
            publisher!.Publish(key, value);
        }
    }
}
