using System.CommandLine;
using System.ComponentModel.DataAnnotations;

namespace Streaming.Host;

/// <summary>The options of a demo that publishes to a Kafka that is there.</summary>
internal sealed class DemoFeedOptions
{
    private const double DefaultRate = 500;
    private const double MostPerSecond = 1_000_000;
    private const string DefaultTopic = "predictions";

    private readonly AttachOptions _attach = new();
    private readonly Option<string?> _topic = new("--topic")
    {
        Description = $"With --bootstrap-servers: the topic; it must be there. Default {DefaultTopic}.",
        HelpName = "T",
    };

    private readonly Option<double?> _rate = new("--rate")
    {
        Description = $"With --bootstrap-servers: events a second, 0.001 to {MostPerSecond:N0}. Default {DefaultRate}.",
        HelpName = "R",
    };

    private readonly Option<long?> _changeAt = new("--change-at")
    {
        Description = "With --bootstrap-servers: events before the change. Default: half of them.",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        _attach.AddTo(command, "bootstrapServers");
        command.Options.Add(_topic);
        command.Options.Add(_rate);
        command.Options.Add(_changeAt);
    }

    /// <summary>What is to be published; null where the demo has a broker of its own.</summary>
    /// <exception cref="ValidationException">An option is out of range, or means nothing here.</exception>
    public DemoFeed? Read(ParseResult parsed, Scenario scenario)
    {
        if (_attach.IsGiven(parsed, "bootstrapServers"))
        {
            return new DemoFeed(
                parsed.GetValue(_changeAt) is { } change ? scenario with { ChangeAt = FileOptions.InRange("--change-at", change, 0, scenario.Events) } : scenario,
                _attach.Read(parsed, Needs.Brokers).Options.Kafka,
                parsed.GetValue(_topic) ?? DefaultTopic,
                FileOptions.InRange("--rate", parsed.GetValue(_rate) ?? DefaultRate, 0.001, MostPerSecond));
        }

        foreach (var option in (Option[])[_topic, _rate, _changeAt])
        {
            if (parsed.GetResult(option) is not null)
            {
                throw new ValidationException($"{option.Name}: needs --bootstrap-servers; the demo without a Kafka has a broker and a pace of its own");
            }
        }

        return null;
    }
}
