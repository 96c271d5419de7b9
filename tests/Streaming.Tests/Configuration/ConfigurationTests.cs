using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class ConfigurationTests
{
    [Fact]
    public void A_server_and_a_topic_are_enough()
    {
        var options = Of("bootstrapServers: localhost:9092\ntopics: predictions\n").Options;

        Assert.Equal(("localhost:9092", "predictions"), (options.Kafka.BootstrapServers, Assert.Single(options.Kafka.Topics)));
        Assert.Equal(new MonitoringOptions(), options.Monitoring);
        Assert.Equal([StageRole.Detect, StageRole.Decide], options.Roles);
    }

    [Fact]
    public void The_environment_stands_above_the_file_and_the_command_line_above_both()
    {
        var options = Configuration.Of(
            [
                YamlFile.Parse("bootstrapServers: localhost:1\ntopics: [file, other]\ngroup: file\nprefix: file.\n", "driftd.yaml"),
                Layer.Environment([new("DRIFTD__GROUP", "environment"), new("DRIFTD__PREFIX", "environment."), new("DRIFTD_PORT", "80")]),
                Layer.CommandLine([new("prefix", "option."), new("topics", "option"), new("listen", null)]),
            ],
            Needs.Run).Options;

        Assert.Equal(("environment", "environment", "option."), (options.Kafka.Group, options.Monitoring.Group, options.Kafka.Prefix));
        Assert.Equal(["option"], options.Kafka.Topics);
    }

    [Fact]
    public void Every_key_reaches_its_option()
    {
        var options = Of("""
            bootstrapServers: [localhost:1, "localhost:2"]
            topics: [t, u]
            group: g
            prefix: p.
            slot: "3"
            roles: decide
            listen: 0.0.0.0:0
            http.allowPlain: true
            mode: observe
            learnFor: 10m
            triggerMaxAge: off
            cooldown: 2h
            confirmations: 3
            triggerOnInputDrift: always
            expectLabels: true
            startFrom: 2026-11-22T10:00:00+01:00
            onMissingOffsets: latest
            commitInterval: 1s
            transactionTimeout: 30s
            idleFlush: 0
            logFormat: json
            mapping:
              id: /uuid
              latencyMs: /timing/ms
            limits:
              models: 7
              features: 8
              recordBytes: 9000
              queuedRecords: 2000
              queuedBytes: 2000000
            detectors:
              adwin:
                delta: 0.01
            kafka:
              security.protocol: SASL_SSL
              sasl:
                mechanism: SCRAM-SHA-512
                username: me
                password: hidden

            """).Options;

        Assert.Equal(["t", "u"], options.Kafka.Topics);
        Assert.Equal(
            new KafkaOptions
            {
                BootstrapServers = "localhost:1,localhost:2",
                Topics = options.Kafka.Topics,
                Group = "g",
                Prefix = "p.",
                Slot = "3",
                CommitInterval = TimeSpan.FromSeconds(1),
                TransactionTimeout = TimeSpan.FromSeconds(30),
                StartFrom = "2026-11-22T10:00:00+01:00",
                OnMissingOffsets = MissingOffsets.Latest,
                MaxQueuedRecords = 2_000,
                MaxQueuedBytes = 2_000_000,
                IdleFlush = TimeSpan.Zero,
                Properties = options.Kafka.Properties,
            },
            options.Kafka);
        Assert.Equal(
            new MonitoringOptions
            {
                Group = "g",
                Mapping = new EventMapping { Id = "/uuid", Latency = "/timing/ms" },
                LearnFor = TimeSpan.FromMinutes(10),
                Mode = Mode.Observe,
                TriggerMaxAge = null,
                TriggerOnInputDrift = InputDriftTrigger.Always,
                ExpectLabels = true,
                Cooldown = TimeSpan.FromHours(2),
                Confirmations = 3,
                AdwinDelta = 0.01,
                MaxModels = 7,
                MaxFeatures = 8,
                MaxRecordBytes = 9_000,
            },
            options.Monitoring);
        Assert.Equal(("0.0.0.0:0", LogFormat.Json, StageRole.Decide), (options.Listen, options.LogFormat, Assert.Single(options.Roles)));
        Assert.Equal(("SASL_SSL", "me"), (options.Kafka.Properties["security.protocol"], options.Kafka.Properties["sasl.username"]));
    }

    [Fact]
    public void A_client_property_can_be_a_variable()
    {
        var layer = Layer.Environment([new("DRIFTD__KAFKA__SASL_PASSWORD", "s"), new("DRIFTD__KAFKA__SASL_USERNAME", "u")]);

        var properties = Configuration.Of([layer], Needs.Nothing).Options.Kafka.Properties;

        Assert.Equal(("s", "u"), (properties["sasl.password"], properties["sasl.username"]));
    }

    [Fact]
    public void What_is_shown_names_where_each_value_comes_from()
    {
        var yaml = Configuration.Of(
            [
                YamlFile.Parse("# comment\nbootstrapServers: localhost:1\ncooldown: 2h\n", "driftd.yaml"),
                Layer.Environment([new("DRIFTD__MODE", "observe")]),
                Layer.CommandLine([new("topics", "t")]),
            ],
            Needs.Run).ToYaml();

        Assert.Contains("bootstrapServers: localhost:1                # driftd.yaml:2\n", yaml, StringComparison.Ordinal);
        Assert.Contains("topics: t                                    # option --topic\n", yaml, StringComparison.Ordinal);
        Assert.Contains("mode: observe                                # environment variable DRIFTD__MODE\n", yaml, StringComparison.Ordinal);
        Assert.Contains("group: driftd                                # default\n", yaml, StringComparison.Ordinal);
        Assert.Contains("detectors:\n  adwin:\n    delta: 0.002                             # default\n", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shown_can_be_read_again_and_is_the_same()
    {
        var first = Of("bootstrapServers: '[::1]:9092'\ntopics: [t, u]\ntriggerMaxAge: off\nkafka: { client.id: 'a: #b' , sasl.username: \"it's\" }\n");

        var second = Of(first.ToYaml());

        Assert.Equal(first.Options.Monitoring, second.Options.Monitoring);
        Assert.Equal(first.Options.Kafka.Properties, second.Options.Kafka.Properties);
        Assert.Equal(WithoutPlaces(first), WithoutPlaces(second));

        static IEnumerable<string> WithoutPlaces(Configuration configuration) =>
            configuration.ToYaml().Split('\n').Select(static line => line.Split(" # ")[0]);
    }

    [Theory]
    [InlineData("sasl.password")]
    [InlineData("ssl.key.password")]
    [InlineData("ssl.keystore.password")]
    [InlineData("ssl.key.pem")]
    [InlineData("ssl.certificate.pem")]
    [InlineData("sasl.oauthbearer.client.secret")]
    public void Secrets_are_masked(string property)
    {
        var yaml = Of($"bootstrapServers: localhost:1\ntopics: t\nkafka:\n  {property}: canary\n").ToYaml();

        Assert.Contains($"  {property}: '***'", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_default_is_a_valid_value_of_its_key() =>
        Assert.All(Settings.All.Where(static setting => setting.Default != "none"), static setting =>
            Assert.Equal(setting.Default, setting.Show(setting.Set(new DriftdOptions(), setting.Default)!)));

    [Theory]
    [InlineData("127.0.0.1:9092,localhost:1,[::1]:2", "plaintext", "")]
    [InlineData("127.0.0.1:9092,broker:9092", "plaintext", "broker:9092")]
    [InlineData("broker:9092", "sasl_plaintext", "broker:9092")]
    [InlineData("broker:9092", "SASL_SSL", "")]
    [InlineData("broker:9092", "ssl", "")]
    public void Brokers_reached_over_the_network_in_plain_text_are_found(string servers, string protocol, string plain) =>
        Assert.Equal(plain, string.Join(',', ConfigurationChecks.PlaintextBrokers(new KafkaOptions
        {
            BootstrapServers = servers,
            Properties = new Dictionary<string, string> { ["security.protocol"] = protocol },
        })));

    private static Configuration Of(string yaml) => Configuration.Of([YamlFile.Parse(yaml, "driftd.yaml")], Needs.Run);
}
