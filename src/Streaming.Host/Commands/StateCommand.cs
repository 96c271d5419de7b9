using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary><c>driftd state inspect|export|reset</c>.</summary>
internal static class StateCommand
{
    public static Command Create() =>
        new("state", "What the stages remember, as it is saved in the state topics: show it, keep a copy, clear it.") { Inspect(), Export(), Reset() };

    private static Command Inspect()
    {
        var attach = new AttachOptions();
        var format = StateReport.Format();
        var command = new Command("inspect", FileOptions.WithExamples(
            "Shows the saved state of both stages, per topic, partition, model and version: events, labels, errors, the offset up to which they are contained, "
            + "bytes in the log; and how far each partition has come. Reads what is committed, changes nothing, may run beside 'driftd run'. Exit code 1 where a "
            + "record is damaged: a start would refuse it.",
            "driftd state inspect --bootstrap-servers 127.0.0.1:9092",
            "driftd state inspect --output json --bootstrap-servers 127.0.0.1:9092 | jq 'select(.kind == \"position\")'"));
        attach.AddTo(command, "bootstrapServers", "prefix", "group");
        command.Options.Add(format);
        command.SetAction((parsed, stop) => Reached(attach, parsed, store =>
        {
            var listing = store.Read(stop);
            StateReport.Write(parsed.InvocationConfiguration.Output, listing, parsed.GetValue(format) == "json");
            return Result(parsed, listing);
        }));
        return command;
    }

    private static Command Export()
    {
        var attach = new AttachOptions();
        var file = new Option<string>("--file", "-o") { Description = "The file to write; one that is there is replaced.", HelpName = "FILE", Required = true };
        var command = new Command("export", FileOptions.WithExamples(
            "Writes all saved state to a file of JSON lines: the key, the value in base64 (whole and decompressed), and what 'inspect' shows of it. "
            + "Exit code 1 where a record is damaged; the others are written.",
            "driftd state export -o state.jsonl --bootstrap-servers 127.0.0.1:9092"));
        attach.AddTo(command, "bootstrapServers", "prefix", "group");
        command.Options.Add(file);
        command.SetAction((parsed, stop) => Reached(attach, parsed, store =>
        {
            var listing = store.Read(stop);
            using (var writer = new StreamWriter(parsed.GetRequiredValue(file)))
            {
                StateReport.Export(writer, listing);
            }

            parsed.InvocationConfiguration.Output.WriteLine($"wrote {listing.Entries.Count} pieces of state to {parsed.GetRequiredValue(file)}");
            return Result(parsed, listing);
        }));
        return command;
    }

    private static Command Reset()
    {
        var attach = new AttachOptions();
        var model = new Option<string?>("--model") { Description = "Clear this model only.", HelpName = "MODEL" };
        var yes = new Option<bool>("--yes") { Description = "Do it; without it nothing is changed." };
        var command = new Command("reset", FileOptions.WithExamples(
            "Clears saved state, while no 'driftd run' of the group runs; it is refused while the group has members.\n"
            + "Without --model: all state of both stages, and the committed offsets of both groups (GROUP and GROUP.decide). The next 'run' is a first attach: it "
            + "begins where startFrom says, with empty windows and new references. What was published stays published; where records are read again, their "
            + "signals and triggers are published again, those from the same panes under the same ids.\n"
            + "With --model: what both stages remember of that model; offsets stay. It goes on at the next record with empty windows and a new reference; no "
            + "record is read twice.",
            "driftd state reset --yes --bootstrap-servers 127.0.0.1:9092",
            "driftd state reset --model fraud --yes --bootstrap-servers 127.0.0.1:9092"));
        attach.AddTo(command, "bootstrapServers", "prefix", "group");
        command.Options.Add(model);
        command.Options.Add(yes);
        command.SetAction((parsed, stop) =>
        {
            var what = parsed.GetValue(model) is { } name ? $"the state of model {name}" : "all state and the committed offsets of both groups";
            if (!parsed.GetValue(yes))
            {
                throw new ValidationException($"--yes: needed to clear {what}; nothing was changed ('driftd state export' keeps a copy)");
            }

            return Reached(attach, parsed, store =>
            {
                var reset = store.ResetAsync(parsed.GetValue(model), stop).GetAwaiter().GetResult();
                parsed.InvocationConfiguration.Output.WriteLine(
                    $"cleared {reset.Records} records of state{(reset.Groups.Count > 0 ? $" and the offsets of {string.Join(" and ", reset.Groups)}" : "")}");
                return CommandLine.Fine;
            });
        });
        return command;
    }

    // on a thread of its own, since it waits for brokers while Ctrl+C must be heard
    private static Task<int> Reached(AttachOptions attach, ParseResult parsed, Func<StateStore, int> work)
    {
        var kafka = attach.Read(parsed, Needs.Brokers).Options.Kafka;
        return Task.Run(() =>
        {
            try
            {
                return work(new StateStore(kafka, NullLogger.Instance, TimeProvider.System));
            }
            catch (KafkaException exception)
            {
                throw new IOException($"{kafka.BootstrapServers}: {exception.Error.Reason} ({exception.Error.Code})", exception);
            }
        });
    }

    private static int Result(ParseResult parsed, StateListing listing)
    {
        foreach (var record in listing.Damaged)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"error: {StateReport.Text(record)}");
        }

        return listing.Damaged.Count == 0 ? CommandLine.Fine : CommandLine.Failed;
    }
}
