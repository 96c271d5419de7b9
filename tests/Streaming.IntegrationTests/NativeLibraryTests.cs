using Confluent.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>The native half of Confluent.Kafka is there, of the version that was asked for, whichever way it came.</summary>
public class NativeLibraryTests
{
    [Fact]
    public void It_is_the_version_that_the_packages_name()
    {
        var managed = typeof(Library).Assembly.GetName().Version!;

        Assert.Equal($"{managed.Major}.{managed.Minor}.{managed.Build}", Library.VersionString);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    [InlineData(CompressionType.Gzip)]
    public async Task A_record_reaches_its_own_in_process_broker(CompressionType compression)
    {
        var config = new ProducerConfig { CompressionType = compression };
        config.Set("test.mock.num.brokers", "1");
        config.Set("bootstrap.servers", "in-process");
        using var producer = new ProducerBuilder<Null, string>(config).SetLogHandler((_, _) => { }).Build();

        var delivered = await producer.ProduceAsync("topic", new() { Value = "value" });

        Assert.Equal(PersistenceStatus.Persisted, delivered.Status);
    }

    [Fact]
    public void It_speaks_to_secured_brokers()
    {
        var config = new ProducerConfig
        {
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.ScramSha512,
            SaslUsername = "user",
            SaslPassword = "password",
        };

        using var producer = new ProducerBuilder<Null, string>(config).SetLogHandler((_, _) => { }).Build();

        Assert.NotNull(producer.Name);
    }
}
