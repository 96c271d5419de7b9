using System.CommandLine;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd outcome</c>: a pipeline says how its retraining goes.</summary>
internal static class OutcomeCommand
{
    public static Command Create()
    {
        var common = new CommandOptions();
        var outcome = new Argument<string>("OUTCOME") { Description = "accepted, trained, deployed or failed." };
        outcome.AcceptOnlyFromAmong("accepted", "trained", "deployed", "failed");
        var version = new Option<string?>("--version") { Description = "Version of the new model.", HelpName = "V" };
        var trigger = new Option<string?>("--trigger") { Description = "Id of the trigger that is answered.", HelpName = "ID" };
        var command = new Command("outcome", FileOptions.WithExamples(
            "Tells driftd how a retraining goes. accepted, trained: it is under way; the model gives no trigger for another cooldown. deployed, failed: it has "
            + "ended, and so has the cooldown. A deployed model under its old version, or without one, learns anew what is normal; under a new version it has "
            + "monitors of its own.",
            "driftd outcome fraud accepted --trigger 7f6b31c20ef0ea46df6a65b2eb1f1440 --bootstrap-servers 127.0.0.1:9092",
            "driftd outcome fraud deployed --version 8 --why 'run 1042' --bootstrap-servers 127.0.0.1:9092"));
        common.AddTo(command);
        command.Arguments.Add(outcome);
        command.Options.Add(version);
        command.Options.Add(trigger);
        command.SetAction((parsed, stop) => common.SendAsync(
            parsed,
            common.Of(parsed, CommandKind.Outcome) with
            {
                Outcome = Enum.Parse<TrainingOutcome>(parsed.GetRequiredValue(outcome), ignoreCase: true),
                Version = CommandOptions.NotEmpty("--version", parsed.GetValue(version)),
                Trigger = CommandOptions.NotEmpty("--trigger", parsed.GetValue(trigger)),
            },
            stop));
        return command;
    }
}
