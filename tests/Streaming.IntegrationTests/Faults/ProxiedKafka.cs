namespace Streaming.IntegrationTests;

/// <summary>A Kafka of a scenario's own that driftd reaches through proxies, and the test past them.</summary>
internal sealed class ProxiedKafka : IAsyncDisposable
{
    private readonly LocalKafka _kafka;

    private ProxiedKafka(LocalKafka kafka, IReadOnlyList<Proxy> proxies) => (_kafka, Proxies, Cluster) = (kafka, proxies, KafkaCluster.Of(kafka));

    public IReadOnlyList<Proxy> Proxies { get; }

    /// <summary>The way of the test.</summary>
    public KafkaCluster Cluster { get; }

    /// <summary>The line of the configuration that sends driftd through the proxies.</summary>
    public string Bootstrap => "bootstrapServers: " + string.Join(',', Proxies.Select(static proxy => $"127.0.0.1:{proxy.Port}"));

    public static async Task<ProxiedKafka> Start(int nodes = 1)
    {
        var proxies = Enumerable.Range(0, nodes).Select(static _ => new Proxy()).ToList();
        var kafka = await LocalKafka.Start(new() { Nodes = nodes, AdvertisedPorts = [.. proxies.Select(static proxy => proxy.Port)] });
        for (var node = 0; node < nodes; node++)
        {
            proxies[node].Forward(kafka.PortOf(node));
        }

        return new ProxiedKafka(kafka, proxies);
    }

    public void Kill(int node) => _kafka.Kill(node);

    public Task Restart(int node) => _kafka.Restart(node);

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        _kafka.Dispose();
    }
}
