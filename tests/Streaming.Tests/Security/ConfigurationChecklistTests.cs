using System.ComponentModel.DataAnnotations;
using System.Text;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests.Security;

/// <summary>Lines of the security checklist that a configuration shows.</summary>
public class ConfigurationChecklistTests
{
    private const string Canary = "canary-7f3a";

    [Theory]
    [InlineData("")]
    [InlineData("kafka: { ssl.ca.location: /etc/ssl/certs/ca-certificates.crt }\n")]
    public void Checklist_02_plain_text_to_brokers_on_the_network_is_refused_unless_told_so(string more)
    {
        var problem = ProblemOf("bootstrapServers: broker:9092\ntopics: t\n" + more);

        Assert.StartsWith("driftd.yaml:1: bootstrapServers = broker:9092: brokers on the network need kafka.security.protocol: ssl or sasl_ssl; plaintext", problem, StringComparison.Ordinal);
        Assert.Equal("broker:9092", Of("bootstrapServers: broker:9092\ntopics: t\nkafka: { security.protocol: plaintext }\n").Options.Kafka.BootstrapServers);
    }

    [Theory]
    [InlineData("ssl.endpoint.identification.algorithm")]
    [InlineData("enable.ssl.certificate.verification")]
    public void Checklist_03_certificates_and_host_names_cannot_be_left_unchecked(string name) => Assert.False(KafkaProperties.Allowed(name));

    [Theory]
    [InlineData("PLAIN", "sasl_plaintext")]
    [InlineData("plain", "plaintext")]
    [InlineData("OAUTHBEARER", "sasl_plaintext")]
    public void Checklist_04_what_sends_the_secret_itself_needs_TLS(string mechanism, string protocol) => Assert.Contains(
        $"kafka.sasl.mechanism = {mechanism}: needs kafka.security.protocol: sasl_ssl",
        ProblemOf($"bootstrapServers: 127.0.0.1:1\ntopics: t\nkafka: {{ security.protocol: {protocol}, sasl.mechanism: {mechanism}, sasl.username: u, sasl.password: {Canary} }}\n"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("sasl.mechanism: SCRAM-SHA-512, sasl.username: u, sasl.password: p")]
    [InlineData("sasl.mechanism: OAUTHBEARER, sasl.oauthbearer.method: oidc, sasl.oauthbearer.client.id: c, sasl.oauthbearer.client.secret: s, sasl.oauthbearer.token.endpoint.url: 'https://login.example.com/token'")]
    public void Checklist_04_SCRAM_and_OpenID_Connect_can_be_configured(string properties) => Assert.NotNull(
        Of($"bootstrapServers: broker:1\ntopics: t\nkafka: {{ security.protocol: sasl_ssl, {properties} }}\n"));

    [Fact]
    public void Checklist_05_no_option_of_the_command_line_takes_a_secret() => Assert.DoesNotContain(
        Program.Root().Subcommands.SelectMany(static command => command.Options.Concat(command.Subcommands.SelectMany(static inner => inner.Options))),
        static option => (KafkaProperties.IsSecret(option.Name) || option.Name.Contains("token", StringComparison.Ordinal)) && !option.Name.EndsWith("-file", StringComparison.Ordinal));

    [Fact]
    public void Checklist_05_a_secret_is_read_from_its_file_each_time_a_client_is_made()
    {
        var file = Path.GetTempFileName();
        try
        {
            var kafka = new KafkaOptions
            {
                BootstrapServers = "127.0.0.1:1",
                Properties = new Dictionary<string, string> { ["sasl.password"] = "file:" + file },
            };
            foreach (var password in (string[])["first", "second"])
            {
                File.WriteAllText(file, password + "\n");
                Assert.Equal(password, KafkaProperties.Client(kafka).Get("sasl.password"));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Checklist_05_a_file_that_is_not_there_is_named() => Assert.Contains(
        "kafka.sasl.password = file:/no/such/file: cannot be read: ",
        ProblemOf("bootstrapServers: 127.0.0.1:1\ntopics: t\nkafka: { sasl.password: 'file:/no/such/file' }\n"), StringComparison.Ordinal);

    [Fact]
    public void Checklist_06_what_the_client_says_of_a_secret_that_it_cannot_use_does_not_repeat_it()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Canary);
            foreach (var value in (string[])[Canary, "file:" + file])
            {
                var problem = ProblemOf($"bootstrapServers: 127.0.0.1:1\ntopics: t\nkafka: {{ security.protocol: ssl, ssl.key.pem: '{value}', ssl.certificate.pem: '{value}' }}\n");
                Assert.DoesNotContain(Canary, problem, StringComparison.Ordinal);
                Assert.NotEmpty(problem);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Checklist_06_the_place_of_a_secret_is_shown_and_the_secret_is_not()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Canary);
            var yaml = Of($"bootstrapServers: 127.0.0.1:1\ntopics: t\nkafka: {{ sasl.password: 'file:{file}', ssl.keystore.password: {Canary} }}\n").ToYaml();
            Assert.Contains($"sasl.password: file:{file}", yaml, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, yaml, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("plugin.library.paths")]
    [InlineData("ssl.engine.location")]
    [InlineData("ssl.engine.id")]
    [InlineData("ssl.providers")]
    [InlineData("sasl.kerberos.kinit.cmd")]
    [InlineData("sasl.oauthbearer.config")]
    [InlineData("enable.sasl.oauthbearer.unsecure.jwt")]
    [InlineData("debug")]
    [InlineData("enable.metrics.push")]
    [InlineData("bootstrap.servers")]
    [InlineData("transactional.id")]
    [InlineData("isolation.level")]
    [InlineData("SSL.ENGINE.LOCATION")]
    public void Checklist_07_client_properties_that_load_code_or_break_promises_are_refused(string name) => Assert.False(KafkaProperties.Allowed(name));

    [Theory]
    [InlineData("0.0.0.0:9464", "", false)]
    [InlineData("[::]:9464", "", false)]
    [InlineData("192.0.2.1:9464", "http: { readTokens: HASH }\n", false)]
    [InlineData("0.0.0.0:9464", "http: { allowPlain: true }\n", true)]
    [InlineData("127.0.0.1:9464", "", true)]
    [InlineData("[::1]:9464", "", true)]
    public void Checklist_09_another_address_than_loopback_needs_TLS_and_a_token_unless_told_so(string listen, string http, bool isFine)
    {
        var text = $"bootstrapServers: 127.0.0.1:1\ntopics: t\nlisten: '{listen}'\n" + http.Replace("HASH", new string('a', 64), StringComparison.Ordinal);
        if (isFine)
        {
            Assert.Equal(listen, Of(text).Options.Listen);
        }
        else
        {
            Assert.StartsWith($"driftd.yaml:3: listen = {listen}: others than this machine are served only with http.certificate and http.readTokens", ProblemOf(text), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("reference", false)]
    [InlineData("record", true)]
    public void Checklist_13_dead_letters_hold_what_the_producer_wrote_only_where_configured(string content, bool isThere)
    {
        var options = Of($"bootstrapServers: 127.0.0.1:1\ntopics: t\ndeadLetters: {content}\n").Options.Monitoring;
        var (stage, output) = (new DetectStage(options), new List<OutputRecord>());
        stage.Assign("t", 0, Guid.Empty);
        var bytes = Encoding.UTF8.GetBytes(Canary);
        stage.Process("t", 0, [new LogRecord(7, 0, bytes, Encoding.UTF8.GetBytes($"{{\"features\":{{\"a\":[\"{Canary}\"]}}}}"), [new("user", bytes)])], output);

        var letter = Assert.Single(output, static record => record.Topic == OutputTopic.DeadLetters);
        var all = string.Join('\n', [Encoding.UTF8.GetString(letter.Key ?? []), Encoding.UTF8.GetString(letter.Value!), .. letter.Headers!.Select(static header => header.Key + "=" + Encoding.UTF8.GetString(header.Value))]);
        Assert.Equal(isThere, all.Contains(Canary, StringComparison.Ordinal));
        Assert.Contains("__driftd.errors.offset=7", all, StringComparison.Ordinal);
        Assert.Contains("__driftd.errors.field=features.a", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    [InlineData("canary-92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-abc", false)]
    public void A_dead_letter_without_its_record_still_says_to_which_trace_that_belongs(string header, bool isTrace)
    {
        var (stage, output) = (new DetectStage(new MonitoringOptions { DeadLetters = DeadLetterContent.Reference }), new List<OutputRecord>());
        stage.Assign("t", 0, Guid.Empty);
        stage.Process("t", 0, [new LogRecord(7, 0, null, "{"u8.ToArray(), [new("traceparent", Encoding.UTF8.GetBytes(header))])], output);

        var letter = Assert.Single(output, static record => record.Topic == OutputTopic.DeadLetters);
        Assert.Equal(isTrace, letter.Headers!.Any(found => found.Key == "traceparent" && Encoding.UTF8.GetString(found.Value) == header));
    }

    [Fact]
    public void Checklist_27_no_client_sends_its_own_measurements_to_the_cluster()
    {
        var kafka = new KafkaOptions { BootstrapServers = "127.0.0.1:1" };

        Assert.All(
            (Confluent.Kafka.ClientConfig[])[KafkaProperties.Client(kafka), KafkaProperties.Consumer(kafka, "g"), KafkaProperties.Reader(kafka, "g"), KafkaProperties.Producer(kafka, "x"), KafkaProperties.Publisher(kafka)],
            static config => Assert.Equal("false", config.Get("enable.metrics.push")));
    }

    private static Configuration Of(string yaml) => Configuration.Of([YamlFile.Parse(yaml, "driftd.yaml")], Needs.Run);

    private static string ProblemOf(string yaml) => Assert.Throws<ValidationException>(() => Of(yaml)).Message;
}
