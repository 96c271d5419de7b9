using System.CommandLine;
using Confluent.Kafka;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary><c>driftd topics create</c>; <c>check</c> is beside it.</summary>
internal static class TopicsCommand
{
    public static Command Create()
    {
        var attach = new AttachOptions();
        var partitions = new Option<int>("--partitions")
        {
            Description = "Partitions of the topics that are created: 1 to 10,000.",
            HelpName = "N",
            DefaultValueFactory = static _ => Topics.DefaultPartitions,
        };
        partitions.Validators.Add(result =>
        {
            if (result.GetValue(partitions) is var count and (< 1 or > 10_000))
            {
                result.AddError($"--partitions = {count}: must be 1 to 10000, default {Topics.DefaultPartitions}");
            }
        });
        var create = new Command(
            "create",
            "Creates the topics that driftd writes, and the prediction topics named. What is there stays as it is.\n\nExamples:\n"
            + "  driftd topics create --topic predictions --bootstrap-servers 127.0.0.1:9092");
        create.SetAction((parsed, _) => CreateAsync(
            attach.Read(parsed, Needs.Brokers).Options.Kafka, parsed.GetValue(partitions), parsed.InvocationConfiguration.Output));
        attach.AddTo(create, "topics", "bootstrapServers", "prefix");
        create.Options.Add(partitions);
        return new Command("topics", "The topics that driftd reads and writes.") { create, TopicsCheckCommand.Create(), TopicsAclsCommand.Create() };
    }

    private static async Task<int> CreateAsync(KafkaOptions kafka, int partitions, TextWriter output)
    {
        try
        {
            using var admin = KafkaProperties.Admin(kafka);
            foreach (var report in await new Topics(kafka.Prefix).CreateAsync(admin, kafka.Topics, partitions).ConfigureAwait(false))
            {
                await output.WriteLineAsync(
                    $"{(report.Created ? "created" : "exists "),-8} {report.Topic}: {report.Partitions} partitions{(report.Created ? ", " + report.Remark : "")}")
                    .ConfigureAwait(false);
            }

            return CommandLine.Fine;
        }
        catch (KafkaException exception)
        {
            throw new IOException($"{kafka.BootstrapServers}: {exception.Error.Reason} ({exception.Error.Code})", exception);
        }
    }
}
