namespace Streaming.IntegrationTests;

/// <summary>A test with several cases that needs a real Kafka; skipped, with the way to enable it, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerTheoryAttribute : TheoryAttribute
{
    public BrokerTheoryAttribute() => Skip = KafkaCluster.Missing;
}
