using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd inspect</c>: what lies in a topic, and how it would be mapped.</summary>
internal static class InspectCommand
{
    private const int DefaultRecords = 1_000;
    private const int MostRecords = 10_000;

    public static Command Create()
    {
        var attach = new AttachOptions();
        var records = new Option<int>("--records")
        {
            Description = $"Records to look at, the newest of each partition: 1 to {MostRecords}, at most {TopicSampling.MostBytes >> 20} MiB. Default {DefaultRecords}.",
            HelpName = "N",
            DefaultValueFactory = static _ => DefaultRecords,
        };
        var output = new Option<string>("--output")
        {
            Description = "yaml: a configuration with the findings as comments; json: one object. Default yaml.",
            HelpName = "yaml|json",
            DefaultValueFactory = static _ => "yaml",
        };
        output.AcceptOnlyFromAmong("yaml", "json");
        var command = new Command("inspect", FileOptions.WithExamples(
            "Looks at the newest records of a topic and proposes how to map them: format, keys of the JSON with their types, keys and partitioner of the "
            + "records, and the mapping as YAML for driftd.yaml, tried on the same records. Joins no group, commits nothing, prints names and types, no value.",
            "driftd inspect --topic predictions --bootstrap-servers 127.0.0.1:9092",
            "driftd inspect --topic predictions --bootstrap-servers 127.0.0.1:9092 > driftd.yaml"))
        {
            records, output,
        };
        attach.AddTo(command, "topics", "bootstrapServers", "group");
        command.SetAction((parsed, stop) =>
        {
            var options = attach.Read(parsed, Needs.Brokers).Options;
            var most = FileOptions.InRange("--records", parsed.GetValue(records), 1, MostRecords);
            var topic = options.Kafka.Topics is [var only] ? only : throw new ValidationException("--topic: one topic at a time");

            // on a thread of its own, since it waits for brokers while Ctrl+C must be heard
            return Task.Run(
                () =>
                {
                    var sample = new TopicSampling(options.Kafka, TimeProvider.System).Read(topic, most, stop);
                    var found = EventInspection.Of(topic, sample.Records, options.WithKey());
                    var isJson = parsed.GetValue(output) == "json";
                    (isJson ? (Action<TextWriter, TopicSample, EventInspection>)InspectReport.WriteJson : InspectReport.WriteYaml)(
                        parsed.InvocationConfiguration.Output, sample, found);
                    return CommandLine.Fine;
                },
                CancellationToken.None);
        });
        return command;
    }
}
