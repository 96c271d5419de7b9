using System.CommandLine;

namespace Streaming.Host;

/// <summary><c>driftd health</c>: asks a running instance, so that a container needs no other program for its health check.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var instance = new InstanceOptions();
        var live = new Option<bool>("--live") { Description = "Ask whether the loops turn (restart it where not) in place of whether it is ready." };
        var anyCertificate = new Option<bool>("--any-certificate")
        {
            Description = "Take any certificate: nothing secret is sent, only the answer is read. Always so on loopback, where an instance asks itself.",
        };
        var command = new Command("health", FileOptions.WithExamples(
            "Asks a running instance whether it is ready: member of its groups, state restored, commits work. Exit code 0 where it is, else 1.",
            "driftd health",
            "driftd health --live --url http://127.0.0.1:9464"))
        {
            live, anyCertificate,
        };
        instance.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var asked = instance.Read(parsed, parsed.GetValue(live) ? "/health/live" : "/health/ready");
            var answer = await (asked with { TakesAnyCertificate = asked.TakesAnyCertificate || parsed.GetValue(anyCertificate) }).AskAsync(stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(answer).ConfigureAwait(false);
            return CommandLine.Fine;
        });
        return command;
    }
}
