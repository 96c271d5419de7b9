using System.ComponentModel.DataAnnotations;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>What no value shows by itself: what is needed, and what does not go together.</summary>
internal static class ConfigurationChecks
{
    /// <summary>The problems of options, each with its place.</summary>
    public static IEnumerable<string> Of(DriftdOptions options, Needs needs, Func<string, string?> placeOf)
    {
        var kafka = options.Kafka;
        if (needs != Needs.Nothing && kafka.BootstrapServers.Length == 0 && placeOf("bootstrapServers") is null)
        {
            yield return Needed("bootstrapServers", "bootstrap-servers", "the brokers to begin with, host:port");
        }

        if (needs == Needs.Run && options.Roles.Contains(StageRole.Detect) && kafka.Topics.Count == 0 && placeOf("topics") is null)
        {
            yield return Needed("topics", "topic", "the topics with prediction events, for the role detect");
        }

        foreach (var (predictions, labels) in kafka.Labels)
        {
            if (kafka.Topics.Count > 0 && !kafka.Topics.Contains(predictions))
            {
                yield return $"{placeOf("labels")}: labels = {predictions}={labels}: {predictions} must be among topics ({string.Join(',', kafka.Topics)})";
            }

            if (kafka.Topics.Contains(labels))
            {
                yield return $"{placeOf("labels")}: labels = {predictions}={labels}: {labels} must not be among topics too";
            }
        }

        foreach (var topic in kafka.Inputs.Intersect(new Topics(kafka.Prefix).Written))
        {
            yield return $"{placeOf(kafka.Topics.Contains(topic) ? "topics" : "labels")}: topics = {topic}: must not be a topic that driftd writes (prefix {kafka.Prefix})";
        }

        foreach (var name in kafka.Properties.Keys.Where(static name => !KafkaProperties.Allowed(name)))
        {
            yield return $"{placeOf(Settings.ClientProperties + name)}: kafka.{name}: is not among the client properties that may be set";
        }

        if (kafka.Properties.Keys.All(KafkaProperties.Allowed) && kafka.Properties.Count > 0 && KafkaProperties.Problem(kafka) is { } refused)
        {
            var named = kafka.Properties.Keys.Where(name => refused.Contains(name, StringComparison.Ordinal)).MaxBy(static name => name.Length);
            var value = named is null ? "" : KafkaProperties.IsSecret(named) ? "***" : kafka.Properties[named];
            yield return named is null
                ? $"kafka: {refused}" : $"{placeOf(Settings.ClientProperties + named)}: kafka.{named} = {value}: {refused}";
        }

        if (Try(() => _ = new DetectStage(options.Monitoring)) is { } problem)
        {
            yield return placeOf(problem.Split(' ')[0]) is { } place ? $"{place}: {problem}" : problem;
        }

        if (Try(() => _ = options.ForStages()) is { } unread)
        {
            yield return $"{placeOf("reference")}: reference = {unread}";
        }
    }

    /// <summary>Brokers that are reached over the network without encryption.</summary>
    public static IEnumerable<string> PlaintextBrokers(KafkaOptions kafka)
    {
        var protocol = kafka.Properties.GetValueOrDefault("security.protocol", "plaintext");
        return protocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase)
            ? [] : kafka.BootstrapServers.Split(',').Where(static server => !IsLoopback(server[..server.LastIndexOf(':')]));
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));

    private static string Needed(string key, string option, string what) =>
        $"{key}: needed ({what}): set --{option}, {key} in driftd.yaml or DRIFTD__{key.ToUpperInvariant()}";

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception exception) when (exception is ValidationException or FormatException or IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}
