using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Streaming.IntegrationTests;

/// <summary>A broker that takes nobody without a password or a certificate, grants nothing by itself, and stands behind a <see cref="Door"/>.</summary>
/// <remarks>The tests act as the operator on a listener of their own.</remarks>
public sealed class SecureKafka : IAsyncLifetime
{
    public const string Topic = "predictions";
    public const int Partitions = 2;
    public const string User = "driftd";

    private readonly Dictionary<string, List<AclBinding>> _granted = [];
    private LocalKafka? _kafka;
    private TokenIssuer? _tokens;

    /// <summary>What may appear nowhere.</summary>
    public string Password { get; } = "pässword-" + Guid.NewGuid().ToString("N");

    /// <summary>Where certificates and secrets lie.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("driftd-secure-").FullName;

    /// <summary>Where clients begin.</summary>
    public string Servers => _kafka!.BootstrapServers;

    /// <summary>Where clients with a certificate begin.</summary>
    public string CertificateServers => _kafka!.InnerServers;

    internal Door Door { get; } = new();

    /// <summary>Gives the tokens that the broker takes, to who knows <see cref="Password"/>.</summary>
    internal TokenIssuer Tokens => _tokens ??= new(Password);

    internal Certificates Trusted { get; } = new("trusted");

    internal Certificates Other { get; } = new("other");

    internal KafkaCluster Operator => KafkaCluster.Of(_kafka!);

    public async Task InitializeAsync()
    {
        if (LocalKafka.Missing() is not null)
        {
            return;
        }

        var (certificate, key) = Trusted.Of("node");
        var keys = "file://" + Write("keys.json", Tokens.Keys);
        _kafka = await LocalKafka.Start(new()
        {
            AdvertisedPorts = [Door.Port],
            Java = [.. new LocalKafkaOptions().Java, "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + keys],
            Settings = new Dictionary<string, string>
            {
                ["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL,BROKERS:SSL,DIRECT:PLAINTEXT",
                ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                ["allow.everyone.if.no.acl.found"] = "false",
                ["super.users"] = "User:ANONYMOUS;User:CN=node",
                ["ssl.keystore.type"] = "PEM",
                ["ssl.keystore.location"] = Write("node.pem", key + certificate),
                ["ssl.truststore.type"] = "PEM",
                ["ssl.truststore.location"] = Write("ca.crt", Trusted.Authority),
                ["listener.name.brokers.ssl.client.auth"] = "required",
                ["listener.name.clients.sasl.enabled.mechanisms"] = "SCRAM-SHA-512,PLAIN,OAUTHBEARER",
                ["listener.name.clients.scram-sha-512.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                ["listener.name.clients.oauthbearer.sasl.jaas.config"] = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
                ["listener.name.clients.oauthbearer.sasl.server.callback.handler.class"] = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
                ["sasl.oauthbearer.jwks.endpoint.url"] = keys,
                ["sasl.oauthbearer.expected.audience"] = TokenIssuer.Audience,
                ["listener.name.clients.plain.sasl.jaas.config"] =
                    $"org.apache.kafka.common.security.plain.PlainLoginModule required user_{User}=\"{Plain}\";",
            },
        });
        OpenDoor();
        using var admin = Operator.Admin();
        await Operator.Create(Topic, Partitions);
        await new Kafka.Topics("drift.").CreateAsync(admin, [], Partitions);
        await SetPassword(Password);
    }

    /// <summary>The password of the mechanism PLAIN, which the broker knows from its configuration.</summary>
    public string Plain { get; } = "plain-" + Guid.NewGuid().ToString("N");

    public Task DisposeAsync()
    {
        _kafka?.Dispose();
        Door.Dispose();
        _tokens?.Dispose();
        Trusted.Dispose();
        Other.Dispose();
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Hands connections on to the broker.</summary>
    public void OpenDoor() => Door.Open(_kafka!.PortOf(0));

    /// <summary>Gives the user another password.</summary>
    public async Task SetPassword(string password)
    {
        using var admin = Operator.Admin();
        await admin.AlterUserScramCredentialsAsync([new UserScramCredentialUpsertion
        {
            User = User,
            ScramCredentialInfo = new ScramCredentialInfo { Mechanism = ScramMechanism.ScramSha512, Iterations = 4_096 },
            Password = Encoding.UTF8.GetBytes(password),
        }]);
    }

    /// <summary>Writes a file of certificates or secrets, in one step; returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>Grants exactly what <c>driftd topics acls</c> prints; returns its lines.</summary>
    internal async Task<List<AclBinding>> GrantWhatIsPrinted(string principal = "User:" + User)
    {
        if (_granted.TryGetValue(principal, out var known))
        {
            return known;
        }

        await using var acls = new DriftdProcess(
            "topics", "acls", "--topic", Topic, "--bootstrap-servers", Servers, "--principal", principal, "--output", "json");
        Assert.Equal(0, await acls.Ended());
        var printed = acls.Output.Select(Binding).ToList();
        await Grant(printed);
        return _granted[principal] = printed;
    }

    internal async Task Grant(IEnumerable<AclBinding> acls)
    {
        using var admin = Operator.Admin();
        await admin.CreateAclsAsync(acls);
    }

    internal async Task Take(IEnumerable<AclBinding> acls)
    {
        using var admin = Operator.Admin();
        await admin.DeleteAclsAsync(acls.Select(static acl => acl.ToFilter()));
    }

    /// <summary>What a configuration needs to come in by password.</summary>
    internal Dictionary<string, string> ByPassword(string file = "password") => new()
    {
        ["DRIFTD__KAFKA__SECURITY_PROTOCOL"] = "sasl_ssl",
        ["DRIFTD__KAFKA__SASL_MECHANISM"] = "SCRAM-SHA-512",
        ["DRIFTD__KAFKA__SASL_USERNAME"] = User,
        ["DRIFTD__KAFKA__SASL_PASSWORD"] = "file:" + Path.Combine(Folder, file),
        ["DRIFTD__KAFKA__SSL_CA_LOCATION"] = Path.Combine(Folder, "ca.crt"),
        ["DRIFTD__LEARNFOR"] = "0s",
    };

    /// <summary>The program with this configuration.</summary>
    internal DriftdProcess Run(Dictionary<string, string> configuration, string? servers = null) =>
        new(configuration, "run", "--topic", Topic, "--bootstrap-servers", servers ?? Servers, "--listen", "127.0.0.1:0");

    private static AclBinding Binding(string line)
    {
        using var json = JsonDocument.Parse(line);
        var acl = json.RootElement;
        string Text(string name) => acl.GetProperty(name).GetString()!;

        // the client's enumeration has no name for transactional ids; the protocol's number is 5
        var resource = Text("resourceType") == "TransactionalId" ? (ResourceType)5 : Enum.Parse<ResourceType>(Text("resourceType"));
        return new AclBinding
        {
            Pattern = new ResourcePattern { Type = resource, Name = Text("name"), ResourcePatternType = Enum.Parse<ResourcePatternType>(Text("patternType")) },
            Entry = new AccessControlEntry
            {
                Principal = Text("principal"),
                Host = Text("host"),
                Operation = Enum.Parse<AclOperation>(Text("operation")),
                PermissionType = Enum.Parse<AclPermissionType>(Text("permission")),
            },
        };
    }
}

[CollectionDefinition("secure")]
public sealed class SecureTests : ICollectionFixture<SecureKafka>
{
}
