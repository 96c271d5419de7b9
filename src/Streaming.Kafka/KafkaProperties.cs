using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>Client configurations of both stages, and which librdkafka properties a user may set.</summary>
public static class KafkaProperties
{
    // the client's own default lets a connection wait 10 s after a broker is back, and a commit needs three of them one after the other
    private const int LongestReconnectWait = 2_000;

    // beyond the life of the client that asks for access: one attempt each, so that who makes them says how often
    private const int AdminReconnectWait = 5_000;

    private const string InFile = "file:";

    private static readonly string[] AllowedPrefixes = ["sasl.oauthbearer.", "ssl.", "socket.", "fetch.", "reconnect.", "queued.", "broker.address."];

    private static readonly HashSet<string> AllowedNames = new(StringComparer.Ordinal)
    {
        "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password", "client.id", "client.rack", "client.dns.lookup",
        "metadata.max.age.ms", "group.protocol", "group.remote.assignor", "partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms",
        "max.poll.interval.ms", "max.partition.fetch.bytes", "compression.type", "linger.ms", "batch.size", "message.max.bytes", "retry.backoff.ms",
        "statistics.interval.ms", "group.instance.id",
    };

    private static readonly HashSet<string> Refused = new(StringComparer.Ordinal)
    {
        // code to load, tokens without a signature, and certificates of other hosts
        "ssl.engine.location", "ssl.engine.id", "ssl.providers", "enable.sasl.oauthbearer.unsecure.jwt", "sasl.oauthbearer.config",
        "ssl.endpoint.identification.algorithm",
    };

    // properties that only one of the two clients takes
    private static readonly HashSet<string> ConsumerOnly = new(StringComparer.Ordinal)
    {
        "group.protocol", "group.remote.assignor", "partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms", "max.poll.interval.ms",
        "max.partition.fetch.bytes", "group.instance.id", "check.crcs",
    };

    private static readonly HashSet<string> ProducerOnly = new(StringComparer.Ordinal) { "compression.type", "linger.ms", "batch.size", "retry.backoff.ms" };

    /// <summary>Whether a user may set this librdkafka property.</summary>
    public static bool Allowed(string name) =>
        !Refused.Contains(name) && (AllowedNames.Contains(name) || AllowedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

    /// <summary>Whether the value of a property must never be shown.</summary>
    public static bool IsSecret(string name) =>
        name.Contains("password", StringComparison.Ordinal) || name.Contains("secret", StringComparison.Ordinal)
        || name.EndsWith(".pem", StringComparison.Ordinal) || name.Contains("private.key", StringComparison.Ordinal);

    /// <summary>A value as it may be shown: that of a secret is masked, the file where it stands is not.</summary>
    public static string Shown(string name, string value) => IsSecret(name) && !MayBeFile(name, value) ? "***" : value;

    /// <summary>Refuses properties that are not on the list.</summary>
    /// <exception cref="ValidationException">Names the property.</exception>
    public static void Check(IReadOnlyDictionary<string, string> properties)
    {
        foreach (var name in properties.Keys)
        {
            if (!Allowed(name))
            {
                throw new ValidationException($"kafka.{name}: is not among the client properties that may be set");
            }
        }
    }

    /// <summary>What librdkafka has against these properties, with secrets masked; null where nothing. No broker is asked.</summary>
    public static string? Problem(KafkaOptions options)
    {
        try
        {
            var offline = options with { BootstrapServers = "" };
            new ConsumerBuilder<byte[], byte[]>(Consumer(offline, "check")).SetLogHandler(static (_, _) => { }).Build().Dispose();
            new ProducerBuilder<byte[], byte[]>(Producer(offline, "check")).SetLogHandler(static (_, _) => { }).Build().Dispose();
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or KafkaException or AccessRefusedException)
        {
            return Masked(exception.Message, options);
        }
    }

    /// <summary>A client for topics and metadata. The caller disposes of it.</summary>
    public static IAdminClient Admin(KafkaOptions options) => Admin(options, static _ => { });

    /// <summary>The same, telling what happens to its connections.</summary>
    internal static IAdminClient Admin(KafkaOptions options, Action<Error> note) => Built(
        options, () => new AdminClientBuilder(Client(options)).SetLogHandler(static (_, _) => { }).SetErrorHandler((_, error) => note(error)).Build());

    /// <summary>A client, unless its configuration cannot be used: certificates and secrets stand in files that may change.</summary>
    /// <exception cref="AccessRefusedException">Says why.</exception>
    internal static T Built<T>(KafkaOptions options, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new AccessRefusedException("the client cannot be made: " + Masked(exception.Message, options));
        }
    }

    internal static ClientConfig Client(KafkaOptions options)
    {
        var config = new ClientConfig { BootstrapServers = options.BootstrapServers, ClientId = "driftd" };
        (config.ReconnectBackoffMs, config.ReconnectBackoffMaxMs) = (AdminReconnectWait, AdminReconnectWait);
        config.Set("enable.metrics.push", "false");
        Apply(config, options, static name => !ConsumerOnly.Contains(name) && !ProducerOnly.Contains(name) && !IsFetch(name));
        return config;
    }

    internal static ConsumerConfig Consumer(KafkaOptions options, string group)
    {
        var config = Reading(options, group);
        config.MaxPollIntervalMs = 120_000;
        config.QueuedMinMessages = 20_000;
        config.FetchQueueBackoffMs = 100;
        var classic = options.Properties.TryGetValue("group.protocol", out var protocol) && protocol == "classic";
        if (classic)
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range;
        }
        else
        {
            config.GroupProtocol = GroupProtocol.Consumer;
            config.GroupRemoteAssignor = "range";
        }

        Apply(config, options, static name => !ProducerOnly.Contains(name));
        return config;
    }

    /// <summary>A consumer that assigns itself partitions and never joins the group.</summary>
    internal static ConsumerConfig Reader(KafkaOptions options, string group)
    {
        var config = Reading(options, group);
        config.FetchWaitMaxMs = 50;
        Apply(config, options, static name => !ConsumerOnly.Contains(name) && !ProducerOnly.Contains(name));
        return config;
    }

    /// <summary>What all consumers share: they commit nothing by themselves, start only where they are told, and read committed records.</summary>
    private static ConsumerConfig Reading(KafkaOptions options, string group)
    {
        var config = new ConsumerConfig(new ClientConfig { BootstrapServers = options.BootstrapServers, ClientId = "driftd" })
        {
            GroupId = group,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            QueuedMaxMessagesKbytes = 16_384,
            FetchMaxBytes = 8 << 20,
            ReconnectBackoffMaxMs = LongestReconnectWait,
            CheckCrcs = true,
            AllowAutoCreateTopics = false,
        };
        config.Set("enable.metrics.push", "false");
        return config;
    }

    internal static ProducerConfig Producer(KafkaOptions options, string transactionalId)
    {
        var config = new ProducerConfig(new ClientConfig { BootstrapServers = options.BootstrapServers, ClientId = "driftd" })
        {
            TransactionalId = transactionalId,
            TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
            MessageTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
            Acks = Acks.All,
            LingerMs = 5,
            ReconnectBackoffMaxMs = LongestReconnectWait,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxKbytes = 16_384,
            AllowAutoCreateTopics = false,
        };
        config.Set("enable.metrics.push", "false");
        Apply(config, options, static name => !ConsumerOnly.Contains(name) && !IsFetch(name));
        return config;
    }

    internal static ProducerConfig Publisher(KafkaOptions options)
    {
        var config = new ProducerConfig(new ClientConfig { BootstrapServers = options.BootstrapServers, ClientId = "driftd" })
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 20,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxKbytes = 65_536,
            MessageTimeoutMs = 60_000,
            AllowAutoCreateTopics = false,
        };
        config.Set("enable.metrics.push", "false");
        Apply(config, options, static name => !ConsumerOnly.Contains(name) && !IsFetch(name));
        return config;
    }

    /// <summary>Whether a value says where it stands rather than what it is.</summary>
    private static bool MayBeFile(string name, string value) =>
        value.StartsWith(InFile, StringComparison.Ordinal) && (IsSecret(name) || name is "sasl.username" or "sasl.oauthbearer.client.id");

    /// <summary>The value, read from its file anew each time a client is made, so that what was mended there is taken.</summary>
    private static string Resolve(string name, string value)
    {
        if (!MayBeFile(name, value))
        {
            return value;
        }

        try
        {
            return File.ReadAllText(value[InFile.Length..]).TrimEnd('\r', '\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AccessRefusedException($"kafka.{name} = {value}: cannot be read: {exception.Message}");
        }
    }

    /// <summary>A message in one line without any secret of the configuration.</summary>
    private static string Masked(string message, KafkaOptions options)
    {
        foreach (var (name, value) in options.Properties.Where(static property => IsSecret(property.Key)))
        {
            var secret = "";
            try
            {
                secret = Resolve(name, value);
            }
            catch (AccessRefusedException)
            {
                // a secret that cannot be read is in no message
            }

            message = secret.Length == 0 ? message : message.Replace(secret, "***", StringComparison.Ordinal);
        }

        return string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static bool IsFetch(string name) =>
        name.StartsWith("fetch.", StringComparison.Ordinal) || name.StartsWith("queued.", StringComparison.Ordinal);

    private static void Apply(ClientConfig config, KafkaOptions options, Func<string, bool> takes)
    {
        foreach (var (name, value) in options.Properties)
        {
            if (takes(name))
            {
                config.Set(name, Resolve(name, value));
            }
        }
    }
}
