using System.ComponentModel.DataAnnotations;
using Streaming.Host;

namespace Streaming.Tests;

public class WrongConfigurationTests
{
    private const string Right = "bootstrapServers: 127.0.0.1:9092\ntopics: predictions\n";

    [Theory]
    [InlineData("cooldown: 5x", "driftd.yaml:3: cooldown = 5x: must be a duration from 0s to 365d, written as 250ms, 5s, 10m, 24h or 7d; default 1h")]
    [InlineData("commitInterval: 1ms", "driftd.yaml:3: commitInterval = 1ms: must be a duration from 10ms to 10s, written as 250ms, 5s, 10m, 24h or 7d; default 250ms")]
    [InlineData("triggerMaxAge: never", "driftd.yaml:3: triggerMaxAge = never: must be off or a duration from 1s, written as 250ms, 5s, 10m, 24h or 7d; default 1d")]
    [InlineData("confirmations: 0", "driftd.yaml:3: confirmations = 0: must be a whole number from 1 to 100; default 1")]
    [InlineData("mode: retrain", "driftd.yaml:3: mode = retrain: must be observe, trigger or approve; default trigger")]
    [InlineData("triggerOnInputDrift: yes", "driftd.yaml:3: triggerOnInputDrift = yes: must be never, withoutLabels or always; default withoutLabels")]
    [InlineData("expectLabels: 1", "driftd.yaml:3: expectLabels = 1: must be true or false; default false")]
    [InlineData("roles: [detect, watch]", "driftd.yaml:3: roles = detect,watch: must be detect, decide or detect,decide; default detect,decide")]
    [InlineData("listen: 9464", "driftd.yaml:3: listen = 9464: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, the port 0 to 65535; default 127.0.0.1:9464")]
    [InlineData("listen: localhost:65536", "driftd.yaml:3: listen = localhost:65536: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, the port 0 to 65535; default 127.0.0.1:9464")]
    [InlineData("startFrom: yesterday", "driftd.yaml:3: startFrom = yesterday: must be earliest, latest or a time with its zone, such as 2026-11-22T10:00:00Z; default earliest")]
    [InlineData("onMissingOffsets: skip", "driftd.yaml:3: onMissingOffsets = skip: must be stop, earliest or latest; default stop")]
    [InlineData("group: ''", "driftd.yaml:3: group = '': must be 1 to 200 letters, digits, '.', '_' or '-'; default driftd")]
    [InlineData("prefix: drift/", "driftd.yaml:3: prefix = drift/: must be 1 to 200 letters, digits, '.', '_' or '-'; default drift.")]
    [InlineData("reference: no-such-file", "driftd.yaml:3: reference = no-such-file: must be a file; default none")]
    [InlineData("detectors: { adwin: { delta: 1 } }", "driftd.yaml:3: detectors.adwin.delta = 1: must be a number from 1E-12 to 0.999; default 0.002")]
    [InlineData("limits:\n  queuedBytes: 1", "driftd.yaml:4: limits.queuedBytes = 1: must be a whole number from 1048576 to 2147483648; default 33554432")]
    [InlineData("mapping:\n  id: id", "driftd.yaml:4: mapping.id = id: must be a JSON Pointer that begins with '/', for example /id; default /id")]
    [InlineData("mapping:\n  label: /prediction", "driftd.yaml:4: mapping.label = '/prediction': overlaps another mapping")]
    [InlineData("triggerMaxAg: 1h", "driftd.yaml:3: triggerMaxAg: there is no such key; the nearest is triggerMaxAge")]
    [InlineData("limits: 5", "driftd.yaml:3: limits: is a section; it holds models, features, recordBytes, queuedRecords, queuedBytes")]
    [InlineData("cooldown: [{a: 1}]", "driftd.yaml:3: cooldown: must be a value or a list of values")]
    [InlineData("kafka:\n  plugin.library.paths: /tmp/x.so", "driftd.yaml:4: kafka.plugin.library.paths: is not among the client properties that may be set")]
    [InlineData("kafka:\n  enable.sasl.oauthbearer.unsecure.jwt: true", "driftd.yaml:4: kafka.enable.sasl.oauthbearer.unsecure.jwt: is not among the client properties that may be set")]
    [InlineData("Cooldown: 1h\ncooldown: 2h", "driftd.yaml:4: cooldown: is already set by driftd.yaml:3")]
    public void A_wrong_value_is_named_with_its_place_its_range_and_the_default(string line, string message) =>
        Assert.Equal(message, ProblemOf(() => Configuration.Of([YamlFile.Parse(Right + line + "\n", "driftd.yaml")], Needs.Run)));

    [Theory]
    [InlineData("bootstrapServers: 127.0.0.1\ntopics: t", "driftd.yaml:1: bootstrapServers = 127.0.0.1: must be host:port, several separated by commas; default none")]
    [InlineData("bootstrapServers: localhost:1\ntopics: [t, 'a b']", "driftd.yaml:2: topics = t,a b: must be names of topics (letters, digits, '.', '_', '-', at most 249), several separated by commas; default none")]
    [InlineData("bootstrapServers: localhost:1\ntopics: drift.panes", "driftd.yaml:2: topics = drift.panes: must not be a topic that driftd writes (prefix drift.)")]
    [InlineData("bootstrapServers: localhost:1", "topics: needed (the topics with prediction events, for the role detect): set --topic, topics in driftd.yaml or DRIFTD__TOPICS")]
    [InlineData("topics: t", "bootstrapServers: needed (the brokers to begin with, host:port): set --bootstrap-servers, bootstrapServers in driftd.yaml or DRIFTD__BOOTSTRAPSERVERS")]
    [InlineData("- a\n- b", "driftd.yaml: must hold one mapping of keys to values")]
    [InlineData("topics: [t\nmode: observe", "driftd.yaml: is not valid YAML: a list or mapping does not end")]
    [InlineData("topics: t\n  group: g", "driftd.yaml:2: is not valid YAML: While scanning a plain scalar value, found invalid mapping.")]
    [InlineData("topics: \"t", "driftd.yaml:1: is not valid YAML: While scanning a quoted scalar, found unexpected end of stream.")]
    [InlineData("topics: *t", "driftd.yaml:1: is not valid YAML: The anchor 't' does not exists")]
    [InlineData("topics: t\ntopics: u", "driftd.yaml:2: is not valid YAML: Duplicate key topics")]
    public void A_file_that_cannot_be_used_is_refused(string text, string message) =>
        Assert.Equal(message, ProblemOf(() => Configuration.Of([YamlFile.Parse(text, "driftd.yaml")], Needs.Run)));

    [Fact]
    public void A_variable_and_an_option_are_named_as_they_were_given()
    {
        var problem = ProblemOf(() => Configuration.Of(
            [
                YamlFile.Parse(Right, "driftd.yaml"),
                Layer.Environment([new("DRIFTD__COOLDOWN", "soon"), new("DRIFTD__LIMIT__MODELS", "1")]),
                Layer.CommandLine([new("listen", "here"), new("bootstrapServers", "x")]),
            ],
            Needs.Run));

        Assert.Equal(
            [
                "option --bootstrap-servers: bootstrapServers = x: must be host:port, several separated by commas; default none",
                "option --listen: listen = here: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, the port 0 to 65535; default 127.0.0.1:9464",
                "environment variable DRIFTD__COOLDOWN: cooldown = soon: must be a duration from 0s to 365d, written as 250ms, 5s, 10m, 24h or 7d; default 1h",
                "environment variable DRIFTD__LIMIT__MODELS: LIMIT.MODELS: there is no such key; the nearest is limits.models",
            ],
            problem.Split('\n'));
    }

    [Fact]
    public void All_problems_are_said_at_once() => Assert.Equal(
        ["confirmations", "mode", "moed", "topics"],
        ProblemOf(() => Configuration.Of([YamlFile.Parse("bootstrapServers: localhost:1\nmode: x\nconfirmations: x\nmoed: x\n", "f")], Needs.Run))
            .Split('\n').Select(static line => line.Split(':', ' ').First(static word => word is "mode" or "moed" or "confirmations" or "topics"))
            .Order(StringComparer.Ordinal));

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal("--config nowhere.yaml: no such file", ProblemOf(() => Configuration.Load("nowhere.yaml", [])));

    [Fact]
    public void A_text_of_control_characters_cannot_forge_a_line() =>
        Assert.Equal(
            "option --listen: listen = a error: b: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, the port 0 to 65535; default 127.0.0.1:9464",
            ProblemOf(() => Configuration.Of([Layer.CommandLine([new("listen", "a\nerror: b")])], Needs.Nothing)));

    private static string ProblemOf(Action action) => Assert.Throws<ValidationException>(action).Message;
}
