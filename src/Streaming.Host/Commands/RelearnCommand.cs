using System.CommandLine;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd relearn</c>: what is normal has changed for good.</summary>
internal static class RelearnCommand
{
    public static Command Create()
    {
        var common = new CommandOptions();
        var version = new Option<string?>("--version") { Description = "This version only. Default: all of the model.", HelpName = "V" };
        var command = new Command("relearn", FileOptions.WithExamples(
            "Lets a model learn anew what is normal, from the next events on: for a change that is meant to stay. What stood in Warning or Drift stands no "
            + "more; until there is enough to compare with (2,000 values, or learnFor of event time) nothing is judged but the error.",
            "driftd relearn fraud --why 'new price list since Monday' --bootstrap-servers 127.0.0.1:9092"));
        common.AddTo(command);
        command.Options.Add(version);
        command.SetAction((parsed, stop) => common.SendAsync(
            parsed, common.Of(parsed, CommandKind.Relearn) with { Version = CommandOptions.NotEmpty("--version", parsed.GetValue(version)) }, stop));
        return command;
    }
}
