using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>What the commands that tell driftd something share: the model, a reason, and the way to the commands topic.</summary>
internal sealed class CommandOptions
{
    private const int LongestText = 1_000;

    private readonly AttachOptions _attach = new();

    /// <summary>The model that is meant.</summary>
    public Argument<string> Model { get; } = new("MODEL") { Description = "Name of the model." };

    /// <summary>For people who ask later.</summary>
    public Option<string> Why { get; } = new("--why") { Description = "Reason, kept with the record.", HelpName = "TEXT", DefaultValueFactory = static _ => "" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(Model);
        command.Options.Add(Why);
        _attach.AddTo(command, "bootstrapServers", "prefix");
    }

    /// <summary>Writes the command; ends when the brokers have acknowledged it.</summary>
    public Task<int> SendAsync(ParseResult parsed, ModelCommand command, CancellationToken stop)
    {
        foreach (var (name, text) in ((string, string?)[])[("MODEL", command.Model), ("--version", command.Version), ("--trigger", command.Trigger), ("--why", command.Why)])
        {
            if (text is { Length: > LongestText })
            {
                throw new ValidationException($"{name}: at most {LongestText} characters");
            }
        }

        if (command.Model.Length == 0)
        {
            throw new ValidationException("MODEL: must not be empty");
        }

        var kafka = _attach.Read(parsed, Needs.Brokers).Options.Kafka;

        // on a thread of its own, since it waits for brokers while Ctrl+C must be heard
        return Task.Run(
            () =>
            {
                using var publisher = new EventPublisher(kafka, new Topics(kafka.Prefix).Commands);
                publisher.Publish(Encoding.UTF8.GetBytes(command.Model), command.Encode());
                publisher.Complete(stop);
                parsed.InvocationConfiguration.Output.WriteLine($"told: {command.Model}: {Text(command)}");
                return CommandLine.Fine;
            },
            CancellationToken.None);
    }

    /// <summary>A command of this kind about the model that is named, now.</summary>
    public ModelCommand Of(ParseResult parsed, CommandKind kind) => new()
    {
        Kind = kind,
        Id = Guid.NewGuid().ToString("N"),
        Model = parsed.GetRequiredValue(Model),
        Why = parsed.GetRequiredValue(Why),
        Time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    /// <summary>A value that was given must say something.</summary>
    public static string? NotEmpty(string option, string? text) => text is "" ? throw new ValidationException($"{option}: must not be empty") : text;

    private static string Text(ModelCommand command) => command.Kind switch
    {
        CommandKind.Outcome => $"retraining {command.Outcome!.Value.ToString().ToLowerInvariant()}",
        CommandKind.Relearn => "learn anew what is normal",
        _ => $"approved {command.Trigger}",
    };
}
