namespace Streaming.IntegrationTests;

/// <summary>A test that starts a broker on a small file system; skipped where there is no Kafka to start, or no such file system may be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly string? Reason = LocalKafka.Missing() ?? SmallDisk.Missing();

    public SmallDiskFactAttribute() => Skip = Reason;
}
