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
            var value = named is null ? "" : KafkaProperties.Shown(named, kafka.Properties[named]);
            yield return named is null
                ? $"kafka: {refused}" : $"{placeOf(Settings.ClientProperties + named)}: kafka.{named} = {value}: {refused}";
        }

        foreach (var wrong in (needs == Needs.Nothing ? [] : Web(options, placeOf)).Concat(Security(kafka, needs, placeOf)))
        {
            yield return wrong;
        }

        foreach (var problem in Stages(options, placeOf))
        {
            yield return problem;
        }
    }

    /// <summary>Brokers that are reached over the network without encryption.</summary>
    public static IEnumerable<string> PlaintextBrokers(KafkaOptions kafka)
    {
        var protocol = kafka.Properties.GetValueOrDefault("security.protocol", "plaintext");
        return protocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase)
            ? [] : kafka.BootstrapServers.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(static server => !IsLoopback(server[..server.LastIndexOf(':')]));
    }

    private static IEnumerable<string> Stages(DriftdOptions options, Func<string, string?> placeOf)
    {
        if (Try(() => _ = options.WithKey()) is { } unusable)
        {
            yield return $"{placeOf("privacy.key")}: privacy.key = {unusable}";
            yield break;
        }

        var refused = Try(() => _ = new DetectStage(options.WithKey()));
        if (Try(() => _ = options.ForStages()) is { } unread)
        {
            yield return $"{placeOf("reference")}: reference = {unread}";
        }
        else
        {
            refused ??= Try(() => _ = new DetectStage(options.ForStages()));
        }

        if (refused is not null)
        {
            yield return placeOf(refused.Split(' ')[0]) is { } place ? $"{place}: {refused}" : refused;
        }
    }

    private static IEnumerable<string> Web(DriftdOptions options, Func<string, string?> placeOf)
    {
        var (http, address) = (options.Http, ListenAddress.Parse(options.Listen).Address);
        if (http.Key is not null && http.Certificate is null)
        {
            yield return $"{placeOf("http.key")}: http.key: needs http.certificate";
        }

        if (http.Certificate is not null && Try(() => http.Load().Dispose()) is { } unusable)
        {
            yield return $"{placeOf("http.certificate")}: {unusable}";
        }

        if (!System.Net.IPAddress.IsLoopback(address) && !http.AllowPlain && (http.Certificate is null || http.ReadTokens.Count == 0))
        {
            yield return $"{placeOf("listen")}: listen = {options.Listen}: others than this machine are served only with http.certificate and http.readTokens; "
                + "http.allowPlain: true says that the network between is trusted";
        }
    }

    private static IEnumerable<string> Security(KafkaOptions kafka, Needs needs, Func<string, string?> placeOf)
    {
        var protocol = kafka.Properties.GetValueOrDefault("security.protocol");
        var mechanism = kafka.Properties.GetValueOrDefault("sasl.mechanism") ?? kafka.Properties.GetValueOrDefault("sasl.mechanisms");
        if (needs != Needs.Nothing && protocol is null && string.Join(',', PlaintextBrokers(kafka)) is { Length: > 0 } plain)
        {
            yield return $"{placeOf("bootstrapServers")}: bootstrapServers = {plain}: brokers on the network need kafka.security.protocol: "
                + "ssl or sasl_ssl; plaintext says that nothing needs to be secret there";
        }

        // what these send is the secret itself
        if (mechanism?.ToUpperInvariant() is "PLAIN" or "OAUTHBEARER" && !string.Equals(protocol, "sasl_ssl", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{placeOf("kafka.sasl.mechanism") ?? placeOf("kafka.sasl.mechanisms")}: kafka.sasl.mechanism = {mechanism}: needs kafka.security.protocol: sasl_ssl";
        }
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
