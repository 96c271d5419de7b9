using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary><c>driftd topics acls</c>: the rights to grant, and no others.</summary>
internal static class TopicsAclsCommand
{
    public static Command Create()
    {
        var attach = new AttachOptions();
        var format = StateReport.Format();
        var principal = new Option<string>("--principal")
        {
            Description = "Who driftd is to the brokers: User: and its name, or the subject of its certificate.",
            HelpName = "PRINCIPAL",
            DefaultValueFactory = static _ => "User:driftd",
        };
        var command = new Command("acls", FileOptions.WithExamples(
            "Prints the rights that 'run' needs with this configuration, as commands of kafka-acls.sh or as JSON, one right a line. Asks no broker. "
            + "'driftd topics create' needs Create on the cluster beside them; give that to the person who runs it.",
            "driftd topics acls --topic predictions --bootstrap-servers kafka:9093 --principal User:driftd",
            "driftd topics acls --config driftd.yaml --principal 'User:CN=driftd,O=Example' --output json"));
        attach.AddTo(command, "topics", "bootstrapServers", "group", "prefix", "roles");
        command.Options.Add(principal);
        command.Options.Add(format);
        command.SetAction(parsed =>
        {
            var options = attach.Read(parsed, Needs.Run).Options;
            Print(options, Checked(parsed.GetRequiredValue(principal)), parsed.GetValue(format) == "json", parsed.InvocationConfiguration.Output);
            return CommandLine.Fine;
        });
        return command;
    }

    private static string Checked(string principal) => principal.IndexOf(':', StringComparison.Ordinal) > 0 && principal[^1] != ':' && !principal.Any(char.IsControl)
        ? principal : throw new ValidationException($"--principal = {Printable.Text(principal)}: must be a type and a name, for example User:driftd");

    private static void Print(DriftdOptions options, string principal, bool asJson, TextWriter output)
    {
        var needed = NeededAcls.Of(options.Kafka, options.Roles);
        if (asJson)
        {
            foreach (var acl in needed)
            {
                ResultText.WriteLine(output, json =>
                {
                    json.WriteString("principal", principal);
                    json.WriteString("host", "*");
                    json.WriteString("resourceType", acl.Resource.ToString());
                    json.WriteString("name", acl.Name);
                    json.WriteString("patternType", acl.IsPrefix ? "Prefixed" : "Literal");
                    json.WriteString("operation", acl.Operation.ToString());
                    json.WriteString("permission", "Allow");
                });
            }

            return;
        }

        foreach (var acls in needed.GroupBy(static acl => (acl.Resource, acl.Name, acl.IsPrefix)))
        {
            var option = acls.Key.Resource switch { AclResource.Topic => "topic", AclResource.Group => "group", _ => "transactional-id" };
            output.WriteLine(
                $"kafka-acls.sh --bootstrap-server {options.Kafka.BootstrapServers} --command-config admin.properties --add --allow-principal {Quoted(principal)} "
                + $"{string.Join(' ', acls.Select(static acl => $"--operation {acl.Operation}"))} --{option} {acls.Key.Name}"
                + (acls.Key.IsPrefix ? " --resource-pattern-type prefixed" : ""));
        }
    }

    // for a shell
    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
