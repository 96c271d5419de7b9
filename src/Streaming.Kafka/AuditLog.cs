using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Says of what was committed what an auditor asks for: each trigger, and at most once a minute how many records could not be used.</summary>
internal sealed class AuditLog(string stage, ILogger log, TimeProvider clock)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<string, long> _letters = new(StringComparer.Ordinal);
    private long? _saidAt;

    /// <summary>Takes the outputs of a transaction that was committed.</summary>
    public void Committed(List<OutputRecord> outputs)
    {
        foreach (var output in outputs)
        {
            if (output.Topic == OutputTopic.Triggers)
            {
                SayTrigger(output.Value!);
            }
            else if (output.Topic == OutputTopic.DeadLetters)
            {
                var cause = $"{Header(output, ".errors.topic")} {Header(output, ".errors.reason")}";
                _letters[cause] = _letters.GetValueOrDefault(cause) + 1;
            }
        }

        if (_letters.Count > 0 && (_saidAt is not { } said || clock.GetElapsedTime(said) >= Between))
        {
            log.LogWarning(
                LogEvents.DeadLetters, "{Stage}: records that cannot be used are dead letters now: {Causes}; said once a minute",
                stage, string.Join(", ", _letters.Select(static cause => $"{cause.Key} {cause.Value}")));
            _letters.Clear();
            _saidAt = clock.GetTimestamp();
        }
    }

    private void SayTrigger(byte[] value)
    {
        using var trigger = JsonDocument.Parse(value);
        var data = trigger.RootElement.GetProperty("data");
        log.LogInformation(
            LogEvents.Triggered, "{Stage}: trigger {Id} of {Model} {Version}: {Reason}; configuration {ConfigurationHash}", stage, trigger.RootElement.GetProperty("id").GetString(),
            data.GetProperty("model").GetString(), data.GetProperty("version").GetString(), data.GetProperty("reason").GetString(),
            data.GetProperty("configHash").GetString());
    }

    // the producer's own headers come before ours
    private static string Header(OutputRecord letter, string name) =>
        Encoding.UTF8.GetString(letter.Headers!.Last(header => header.Key.EndsWith(name, StringComparison.Ordinal)).Value);
}
