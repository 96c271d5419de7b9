namespace Streaming.IntegrationTests;

/// <summary>A test that needs a real Kafka; skipped, with the way to enable it, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerFactAttribute : FactAttribute
{
    public BrokerFactAttribute() => Skip = KafkaCluster.Missing;
}
