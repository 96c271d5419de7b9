using System.CommandLine;

namespace Streaming.Host;

/// <summary><c>driftd config check|show</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var attach = new AttachOptions();
        var check = new Command("check", "Validates the configuration that 'run' would use, and says every problem of it.\n\nExamples:\n  driftd config check --config driftd.yaml\n  driftd config check --topic predictions --bootstrap-servers 127.0.0.1:9092");
        check.SetAction(parsed =>
        {
            var options = attach.Read(parsed, Needs.Run).Options;
            parsed.InvocationConfiguration.Output.WriteLine(
                $"fine: roles {string.Join(',', options.Roles).ToLowerInvariant()}, group {options.Kafka.Group}, topics {string.Join(',', options.Kafka.Topics)}");
            return CommandLine.Fine;
        });
        var show = new Command("show", "Prints the configuration in force, each value with the place it comes from; secrets are masked.\n\nExamples:\n  driftd config show");
        show.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(attach.Read(parsed, Needs.Nothing).ToYaml());
            return CommandLine.Fine;
        });
        attach.AddTo(check);
        attach.AddTo(show);
        return new Command("config", "Checks or shows the configuration: driftd.yaml, under the environment (DRIFTD__KEY), under the command line.")
        {
            check, show,
        };
    }
}
