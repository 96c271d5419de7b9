using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>What a right is on.</summary>
public enum AclResource : byte
{
    /// <summary>A topic.</summary>
    Topic,

    /// <summary>A consumer group.</summary>
    Group,

    /// <summary>The ids of transactional producers.</summary>
    TransactionalId,
}

/// <summary>A right that driftd cannot do without.</summary>
/// <param name="Resource">Topic, group or transactional id.</param>
/// <param name="Name">Its name, or what its name begins with.</param>
/// <param name="IsPrefix">Whether all names that begin so are meant.</param>
/// <param name="Operation">What must be allowed.</param>
public readonly record struct NeededAcl(AclResource Resource, string Name, bool IsPrefix, AclOperation Operation);

/// <summary>The rights that a configuration needs, and no others; Describe comes with Read and with Write.</summary>
public static class NeededAcls
{
    /// <summary>All of them, ordered by resource.</summary>
    public static IReadOnlyList<NeededAcl> Of(KafkaOptions options, IEnumerable<StageRole> roles) =>
        [.. roles.SelectMany(role => Of(options, role)).Distinct().OrderBy(static acl => acl.Resource).ThenBy(static acl => acl.Name, StringComparer.Ordinal)];

    /// <summary>Consumer group of a stage.</summary>
    internal static string Group(KafkaOptions options, StageRole role) => role == StageRole.Detect ? options.Group : options.Group + ".decide";

    /// <summary>What the transactional ids of a stage's instances begin with.</summary>
    internal static string TransactionalIds(KafkaOptions options, StageRole role) => $"drift-{options.Group}-{role.ToString().ToLowerInvariant()}-";

    /// <summary>Rights on topics that brokers say this client does not have, in words; null where nothing is missing.</summary>
    internal static string? Missing(KafkaOptions options, StageRole role, IReadOnlyDictionary<string, IReadOnlyCollection<AclOperation>> allowed)
    {
        // without this one the start-up check of topics is left out, which is said
        var missing = Of(options, role).Where(acl => acl.Resource == AclResource.Topic && acl.Operation != AclOperation.DescribeConfigs
            && allowed.TryGetValue(acl.Name, out var operations) && !operations.Contains(acl.Operation));
        var words = string.Join(", ", missing.Select(static acl => $"{acl.Operation} on topic {acl.Name}"));
        return words.Length == 0 ? null : Denied(words);
    }

    /// <summary>A sentence that says how to find what to grant.</summary>
    internal static string Denied(string what) => $"Kafka denies {what}; driftd topics acls prints the rights that are needed";

    private static IEnumerable<NeededAcl> Of(KafkaOptions options, StageRole role)
    {
        var topics = new Topics(options.Prefix);
        foreach (var topic in topics.Inputs(role, options))
        {
            yield return Topic(topic, AclOperation.Read);
            yield return Topic(topic, AclOperation.DescribeConfigs);
        }

        foreach (var output in Topics.Outputs(role))
        {
            yield return Topic(topics.Name(output, role), AclOperation.Write);
            yield return Topic(topics.Name(output, role), AclOperation.DescribeConfigs);
        }

        yield return Topic(topics.State(role), AclOperation.Read);
        yield return new(AclResource.Group, Group(options, role), false, AclOperation.Read);
        yield return new(AclResource.TransactionalId, TransactionalIds(options, role), true, AclOperation.Write);
    }

    private static NeededAcl Topic(string name, AclOperation operation) => new(AclResource.Topic, name, false, operation);
}
