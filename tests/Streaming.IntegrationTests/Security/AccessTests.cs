using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S18 of the fault scenarios: who is let in, and what happens while someone is not.</summary>
[Collection("secure")]
[Trait("Faults", "S18")]
public class AccessTests(SecureKafka kafka, ITestOutputHelper print)
{
    private static readonly int Attempts = FullForm.Asked ? 10 : 2;

    [BrokerFact]
    public async Task Checklist_01_the_rights_that_are_printed_and_no_others_let_the_whole_job_work()
    {
        var password = kafka.Write("password", kafka.Password + "\n");
        await kafka.GrantWhatIsPrinted();
        await using var driftd = kafka.Run(kafka.ByPassword());
        await driftd.Until(driftd.Ready, "it is ready");

        await Publish(8_000);
        await driftd.Until(() => driftd.Sum("driftd_triggers_total") >= 1, "a trigger is decided");
        await driftd.Until(() => driftd.Sum("driftd_dead_letters_total") == 1, "the bad record is a dead letter");

        Assert.NotEmpty(Log.Read(kafka.Operator.BootstrapServers, "drift.triggers"));
        Assert.NotEmpty(Log.Read(kafka.Operator.BootstrapServers, "drift.signals"));
        Assert.Single(Log.Read(kafka.Operator.BootstrapServers, "drift.dead-letters"));
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
        Assert.True(File.Exists(password));
        NothingSecretIsSaid(driftd);
    }

    [BrokerFact]
    public Task Checklist_28_a_wrong_password_is_tried_at_most_once_a_second_and_the_right_one_is_taken_once_its_file_has_it() => RefusedUntil(
        "SASL authentication error", () => kafka.Write("password", "wrong"), () => kafka.Write("password", kafka.Password));

    [BrokerFact]
    public Task Checklist_03_a_broker_of_another_authority_is_refused_until_the_authority_is_trusted() => RefusedUntil(
        "certificate verify failed", () => kafka.Write("ca.crt", kafka.Other.Authority), () => kafka.Write("ca.crt", kafka.Trusted.Authority));

    [BrokerFact]
    public Task Checklist_03_an_expired_certificate_is_refused_until_the_broker_has_a_new_one() => RefusedUntil(
        "certificate verify failed", () => kafka.Door.Present(kafka.Trusted.Expired("node")), OpenDoor);

    [BrokerFact]
    public Task Checklist_03_a_certificate_of_another_host_is_refused_until_the_broker_has_its_own() => RefusedUntil(
        "certificate verify failed", () => kafka.Door.Present(kafka.Trusted.Elsewhere("node")), OpenDoor);

    [BrokerFact]
    public async Task Checklist_01_a_right_that_is_missing_is_named_and_the_work_begins_once_it_is_granted()
    {
        kafka.Write("password", kafka.Password);
        var needed = (await kafka.GrantWhatIsPrinted()).Where(static acl => acl.Entry.Operation != AclOperation.DescribeConfigs).ToList();
        foreach (var acl in FullForm.Asked ? needed : needed.Where(static acl => acl.Pattern.Name == "drift.panes" && acl.Entry.Operation == AclOperation.Write))
        {
            await kafka.Take([acl]);
            await using var driftd = kafka.Run(kafka.ByPassword());
            await driftd.Until(() => driftd.Errors.Exists(line => line.Contains(Denied(acl), StringComparison.Ordinal)), "it says " + Denied(acl));
            Assert.False(driftd.Ready());

            await kafka.Grant([acl]);
            await driftd.Until(driftd.Ready, "it is ready");
            Assert.Single(driftd.Errors, line => line.Contains(Denied(acl), StringComparison.Ordinal));
            Assert.Equal(0, (await driftd.Stop()).ExitCode);
            print.WriteLine($"S18: without {acl.Entry.Operation} on {acl.Pattern.Name}: {driftd.Errors.First(line => line.Contains(Denied(acl), StringComparison.Ordinal))}");
        }
    }

    [BrokerFact]
    public async Task A_right_that_is_taken_away_while_it_works_is_named_and_nothing_is_lost_or_doubled()
    {
        kafka.Write("password", kafka.Password);
        var write = (await kafka.GrantWhatIsPrinted()).Single(static acl => acl.Pattern.Name == "drift.panes" && acl.Entry.Operation == AclOperation.Write);
        await using var driftd = kafka.Run(kafka.ByPassword());
        await driftd.Until(driftd.Ready, "it is ready");
        await kafka.Take([write]);
        await Publish(2_000);
        await driftd.Until(() => driftd.Errors.Exists(static line => line.Contains(" detect: access failing, retrying: Kafka denies Write on topic drift.panes;", StringComparison.Ordinal)), "it says what is denied");
        Assert.False(driftd.Ready());

        await kafka.Grant([write]);
        await driftd.Until(driftd.Ready, "it is ready again");
        Assert.Equal(0, (await driftd.Stop()).ExitCode);

        await using var closing = kafka.Run(kafka.ByPassword());
        var good = Log.Read(kafka.Operator.BootstrapServers, SecureKafka.Topic).Count(static record => record.Message.Value.Length > 1);
        await closing.Until(() => InPanes() >= good, "all events are in panes");
        Assert.Equal(good, InPanes());
    }

    [BrokerFact]
    public async Task Checklist_05_a_password_that_is_changed_while_it_works_is_taken_from_its_file()
    {
        kafka.Write("password", kafka.Password);
        await kafka.GrantWhatIsPrinted();
        await using var driftd = kafka.Run(kafka.ByPassword());
        await driftd.Until(driftd.Ready, "it is ready");

        await kafka.SetPassword("another");
        kafka.Door.Close();
        await driftd.Until(() => driftd.Errors.Exists(static line => line.Contains(" detect: access failing, retrying: ", StringComparison.Ordinal)), "it is refused");
        kafka.Write("password", "another");
        await driftd.Until(driftd.Ready, "it is ready again");

        await kafka.SetPassword(kafka.Password);
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
    }

    [BrokerTheory]
    [InlineData("PLAIN")]
    [InlineData("certificate")]
    public async Task Checklist_04_PLAIN_over_TLS_and_client_certificates_are_let_in(string way)
    {
        var configuration = kafka.ByPassword("plain");
        if (way == "PLAIN")
        {
            kafka.Write("plain", kafka.Plain);
            configuration["DRIFTD__KAFKA__SASL_MECHANISM"] = "PLAIN";
            await kafka.GrantWhatIsPrinted();
        }
        else
        {
            var (certificate, key) = kafka.Trusted.Of("driftd");
            configuration = new()
            {
                ["DRIFTD__KAFKA__SECURITY_PROTOCOL"] = "ssl",
                ["DRIFTD__KAFKA__SSL_CERTIFICATE_LOCATION"] = kafka.Write("driftd.crt", certificate),
                ["DRIFTD__KAFKA__SSL_KEY_PEM"] = "file:" + kafka.Write("driftd.key", key),
                ["DRIFTD__KAFKA__SSL_CA_LOCATION"] = configuration["DRIFTD__KAFKA__SSL_CA_LOCATION"],
            };
            await kafka.GrantWhatIsPrinted("User:CN=driftd");
        }

        await using var driftd = kafka.Run(configuration, way == "PLAIN" ? kafka.Servers : kafka.CertificateServers);
        await driftd.Until(driftd.Ready, "it is ready");
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
    }

    [BrokerFact]
    public async Task Checklist_04_OpenID_Connect_lets_in_with_tokens_that_are_renewed_and_a_wrong_secret_does_not()
    {
        await kafka.GrantWhatIsPrinted();
        var configuration = kafka.ByPassword();
        configuration.Remove("DRIFTD__KAFKA__SASL_USERNAME");
        configuration.Remove("DRIFTD__KAFKA__SASL_PASSWORD");
        configuration["DRIFTD__KAFKA__SASL_MECHANISM"] = "OAUTHBEARER";
        configuration["DRIFTD__KAFKA__SASL_OAUTHBEARER_METHOD"] = "oidc";
        configuration["DRIFTD__KAFKA__SASL_OAUTHBEARER_CLIENT_ID"] = TokenIssuer.Client;
        configuration["DRIFTD__KAFKA__SASL_OAUTHBEARER_CLIENT_SECRET"] = "file:" + kafka.Write("client", "wrong");
        configuration["DRIFTD__KAFKA__SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"] = kafka.Tokens.Url;
        await using var driftd = kafka.Run(configuration);
        await driftd.Until(() => driftd.Errors.Exists(static line => line.Contains(" failing, retrying: ", StringComparison.Ordinal)), "it says that it is refused");
        Assert.False(driftd.Ready());
        Assert.Equal(0, kafka.Tokens.Given);

        kafka.Write("client", kafka.Password);
        await driftd.Until(driftd.Ready, "it is ready");
        var given = kafka.Tokens.Given;
        await driftd.Until(() => kafka.Tokens.Given > given, "a token that grows old is renewed");
        Assert.True(driftd.Ready());
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
        NothingSecretIsSaid(driftd);
    }

    private static string Denied(AclBinding acl) => "Kafka denies " + acl.Pattern.Type switch
    {
        ResourceType.Topic when acl.Entry.Operation == AclOperation.Write && acl.Pattern.Name.StartsWith("drift.state", StringComparison.Ordinal) => $"Write on topic {acl.Pattern.Name}",
        ResourceType.Topic when acl.Pattern.Name.StartsWith("drift.state", StringComparison.Ordinal) => $"Read on topic {acl.Pattern.Name}",
        ResourceType.Topic when acl.Pattern.Name == "drift.panes" => $"{acl.Entry.Operation} on topic {acl.Pattern.Name}",
        ResourceType.Topic => $"Describe on topic {acl.Pattern.Name}",
        ResourceType.Group => $"Read on group {acl.Pattern.Name}",
        _ => $"Write on transactional id {acl.Pattern.Name}",
    };

    /// <summary>Events in the panes that are committed.</summary>
    private long InPanes() => Log.Read(kafka.Operator.BootstrapServers, "drift.panes").Sum(static record => PaneCodec.Decode(record.Message.Value).Events);

    private void OpenDoor() => kafka.OpenDoor();

    private async Task RefusedUntil(string reason, Action spoil, Action mend)
    {
        kafka.Write("password", kafka.Password);
        await kafka.GrantWhatIsPrinted();
        spoil();
        kafka.Door.Forget();
        await using var driftd = kafka.Run(kafka.ByPassword());
        await driftd.Until(() => kafka.Door.Came.Count >= Attempts, "it has tried several times");

        Assert.False(driftd.Ready());
        Assert.True(driftd.Live());
        Assert.All(Gaps(kafka.Door.Came), static gap => Assert.True(gap >= 1, $"tried again after {gap:0.00} s"));

        mend();
        await driftd.Until(driftd.Ready, "it is ready");
        var lines = driftd.Errors.Where(static line => line.Contains("failing, retrying", StringComparison.Ordinal)).ToList();
        Assert.All(lines, line => Assert.Contains("access failing, retrying: ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains(reason, line, StringComparison.Ordinal));
        Assert.Equal(["decide", "detect"], lines.Select(static line => line.Contains(" decide: ", StringComparison.Ordinal) ? "decide" : "detect").Order());
        await driftd.Until(() => driftd.Errors.Count(static line => line.Contains("works again", StringComparison.Ordinal)) == 2, "each stage says that it works again");
        Assert.Equal(0, (await driftd.Stop()).ExitCode);
        NothingSecretIsSaid(driftd);
    }

    private static IEnumerable<double> Gaps(List<double> times) => times.Zip(times.Skip(1), static (a, b) => b - a);

    private void NothingSecretIsSaid(DriftdProcess driftd) =>
        Assert.DoesNotContain([.. driftd.Errors, .. driftd.Output], line => line.Contains(kafka.Password, StringComparison.Ordinal));

    private Task Publish(int count) => Task.Run(() =>
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = kafka.Operator.BootstrapServers, EnableIdempotence = true, LingerMs = 20 }).Build();
        var begin = TimeProvider.System.GetUtcNow().AddHours(-1);
        for (var i = 0; i < count; i++)
        {
            // one in ten is wrong, then one in two
            var label = i / SecureKafka.Partitions % (i < count / 2 ? 10 : 2) == 0 ? "b" : "a";
            producer.Produce(
                new TopicPartition(SecureKafka.Topic, i % SecureKafka.Partitions),
                new() { Timestamp = new Timestamp(begin.AddMilliseconds(i * 20)), Value = Encoding.UTF8.GetBytes($$$"""{"model":"m","features":{"a":{{{i % 97}}}},"prediction":"a","label":"{{{label}}}"}""") });
        }

        producer.Produce(new TopicPartition(SecureKafka.Topic, 0), new() { Value = "{"u8.ToArray() });
        producer.Flush(CancellationToken.None);
    });
}
