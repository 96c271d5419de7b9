using System.CommandLine;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary><c>driftd topics check</c>.</summary>
internal static class TopicsCheckCommand
{
    public static Command Create()
    {
        var attach = new AttachOptions();
        var format = StateReport.Format();
        var command = new Command("check", FileOptions.WithExamples(
            "Says what of the topics differs from what driftd needs: existence, partitions, cleanup policy, retention, message limits, replication. "
            + "Changes nothing. Exit code 1 where something would not work (error); warnings alone give 0.",
            "driftd topics check --topic predictions --bootstrap-servers 127.0.0.1:9092"));
        attach.AddTo(command, "topics", "bootstrapServers", "prefix", "group");
        command.Options.Add(format);
        command.SetAction((parsed, stop) =>
        {
            var kafka = attach.Read(parsed, Needs.Brokers).Options.Kafka;
            return Task.Run(() => Check(kafka, parsed.InvocationConfiguration.Output, parsed.GetValue(format) == "json", stop), CancellationToken.None);
        });
        return command;
    }

    private static int Check(KafkaOptions kafka, TextWriter output, bool asJson, CancellationToken stop)
    {
        IReadOnlyList<TopicFinding> findings;
        try
        {
            findings = new TopicChecks(kafka, NullLogger.Instance, TimeProvider.System).Find(stop);
        }
        catch (KafkaException exception)
        {
            throw new IOException($"{kafka.BootstrapServers}: {exception.Error.Reason} ({exception.Error.Code})", exception);
        }

        if (asJson)
        {
            foreach (var finding in findings)
            {
                ResultText.WriteLine(output, json =>
                {
                    json.WriteString("level", Level(finding));
                    json.WriteString("topic", finding.Topic);
                    json.WriteString("what", finding.What);
                    json.WriteString("found", finding.Found);
                    json.WriteString("needed", finding.Needed);
                });
            }
        }
        else if (findings.Count == 0)
        {
            output.WriteLine("fine: all topics are as driftd needs them");
        }
        else
        {
            var table = ResultText.Table("level", "topic", "what", "found ", "needed");
            foreach (var finding in findings)
            {
                ResultText.Add(table, Level(finding), finding.Topic, finding.What, finding.Found, finding.Needed);
            }

            ResultText.Write(output, table);
        }

        return findings.Any(static finding => finding.IsError) ? CommandLine.Failed : CommandLine.Fine;
    }

    private static string Level(TopicFinding finding) => finding.IsError ? "error" : "warning";
}
