using System.Text.Json;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>The chart, as far as helm and the schemas of Kubernetes see it.</summary>
[Collection("deployment")]
public class ChartTests
{
    private const string Default = "values.yaml", Minimal = "ci/minimal-values.yaml", Full = "ci/full-values.yaml";

    [ChartTheory]
    [InlineData(Default)]
    [InlineData(Minimal)]
    [InlineData(Full)]
    public async Task Lint_finds_nothing(string values) =>
        Assert.Contains("0 chart(s) failed", (await Tools.Helm("lint", "--strict", Tools.Chart, "-f", Path.Combine(Tools.Chart, values))).Fine(), StringComparison.Ordinal);

    [ChartTheory]
    [InlineData(Default, "1.34.0", 7)]
    [InlineData(Minimal, "1.36.0", 4)]
    [InlineData(Full, "1.34.0", 9)]
    [InlineData(Full, "1.37.0", 9)]
    public async Task All_manifests_are_valid_Kubernetes(string values, string version, int least)
    {
        var manifests = await Rendered(values, "--kube-version", version);

        var summary = (await Tools.Run(
            "kubeconform",
            [
                "-strict", "-summary", "-output", "json", "-kubernetes-version", version, "-schema-location", Path.Combine(Tools.Folder, "schemas"),
                "-schema-location", Path.Combine(Tools.Folder, "schemas", "crds", "{{.Group}}", "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"),
            ],
            manifests)).Fine();
        Assert.InRange(JsonElement.Parse(summary).GetProperty("summary").GetProperty("valid").GetInt32(), least, 40);
    }

    [ChartTheory]
    [InlineData("replicaCount=0", "'/replicaCount': minimum: got 0, want 1")]
    [InlineData("replicas=3", "additional properties 'replicas' not allowed")]
    [InlineData("image.tag=latest", "'/image/tag': 'not' failed")]
    [InlineData("image.digest=sha256:abc", "'/image/digest'")]
    [InlineData("image.pullPolicy=Sometimes", "'/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'")]
    [InlineData("kafka.bootstrapServers=kafka", "'/kafka/bootstrapServers'")]
    [InlineData("kafka.topics=null", "missing property 'topics'")]
    [InlineData("kafka.topics[0]=a topic", "'/kafka/topics/0'")]
    [InlineData("kafka.securityProtocol=sasl_ssl", "'/kafka/sasl/existingSecret': minLength: got 0, want 1")]
    [InlineData("config.slot=0", "'/config/slot': false schema")]
    [InlineData("config.mode=watch", "'/config/mode': value must be one of 'observe', 'trigger'")]
    [InlineData(@"config.kafka.sasl\.password=canary", "'/config/kafka/sasl.password': false schema")]
    [InlineData("http.readTokens[0]=canary", "'/http/readTokens/0'")]
    [InlineData("config.cooldown=soon", "'/config/cooldown'")]
    [InlineData("port=80800", "'/port': maximum: got 80,800, want 65,535")]
    [InlineData("sizing.cpuLimit=two", "'/sizing/cpuLimit'")]
    [InlineData("podDisruptionBudget.maxUnavailable=0", "'/podDisruptionBudget/maxUnavailable'")]
    [InlineData("terminationGracePeriodSeconds=1", "'/terminationGracePeriodSeconds': minimum: got 1, want 10")]
    public async Task A_wrong_value_is_refused_with_its_place(string value, string message)
    {
        var run = await Tools.Helm("template", "rel", Tools.Chart, "--set", value);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("values don't meet the specifications of the schema(s)", run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [ChartTheory]
    [InlineData(Default, "topics predictions", "group driftd")]
    [InlineData(Minimal, "topics predictions", "group driftd")]
    [InlineData(Full, "topics fraud.predictions,credit.predictions", "group scoring")]
    public async Task What_it_configures_driftd_accepts(string values, string topics, string group)
    {
        // files that only a pod has
        var manifests = await Rendered(values, "--set", "reference.existingConfigMap=,kafka.tls.existingSecret=,http.tls.existingSecret=,http.allowPlain=true");
        using var file = new TemporaryFile((await Yq("select(.kind == \"ConfigMap\" and .data[\"driftd.yaml\"]) | .data[\"driftd.yaml\"]", manifests)).Trim());
        var secrets = new Dictionary<string, string> { ["DRIFTD__KAFKA__SASL_USERNAME"] = "user", ["DRIFTD__KAFKA__SASL_PASSWORD"] = "canary" };

        await using var driftd = new DriftdProcess(secrets, "config", "check", "--config", file.Path);

        Assert.True(await driftd.Ended() == 0, string.Join('\n', driftd.Errors));
        Assert.Equal($"fine: roles detect,decide, {group}, {topics}", Assert.Single(driftd.Output));
        await using var shown = new DriftdProcess(secrets, "config", "show", "--config", file.Path);
        Assert.Equal(0, await shown.Ended());
        Assert.Contains(shown.Output, static line => line.Contains("sasl.password: '***'", StringComparison.Ordinal));
    }

    [ChartTheory]
    [InlineData("", 3, 10, 50, 5, 4)]
    [InlineData("sizing.brokers=1,sizing.modelVersions=200,sizing.numericFeatures=500,sizing.textFeatures=0,sizing.partitionsPerReplica=12", 1, 200, 500, 0, 12)]
    public async Task The_memory_limit_is_the_bound_that_driftd_states(string set, int brokers, int versions, int numeric, int text, int partitions)
    {
        var manifests = await Rendered(Default, "--set", set.Length > 0 ? set : "replicaCount=2");

        var limit = (await Yq("select(.kind == \"StatefulSet\") | .spec.template.spec.containers[0].resources.limits.memory", manifests)).Trim();

        var streams = versions * (numeric + text + 5L);
        var bound = MemoryBound.Of(new KafkaOptions { BootstrapServers = "kafka:9092", Topics = ["t"] }, 2, PrometheusText.DefaultMaxSeries, brokers).With(
            new StageSnapshot { StreamsHeld = streams * partitions, TextStreamsHeld = (long)versions * text * partitions },
            new StageSnapshot { StreamsHeld = streams, TextStreamsHeld = (long)versions * text });
        Assert.EndsWith("Mi", limit, StringComparison.Ordinal);
        Assert.InRange((long.Parse(limit[..^2]) << 20) / (double)bound, 1, 1.02);
    }

    [ChartFact]
    public async Task Another_configuration_makes_new_pods_and_another_number_of_them_does_not()
    {
        var (first, same, other) = (await Checksum("replicaCount=2"), await Checksum("replicaCount=3"), await Checksum("config.cooldown=6h"));

        Assert.Equal(64, first.Length);
        Assert.Equal(first, same);
        Assert.NotEqual(first, other);
    }

    [ChartFact]
    public async Task It_makes_no_secret_and_names_those_that_it_needs()
    {
        var manifests = await Rendered(Full);

        Assert.Equal("", (await Yq("select(.kind == \"Secret\") | .kind", manifests)).Trim());
        var environment = await Yq("select(.kind == \"StatefulSet\") | .spec.template.spec.containers[0].env[] | select(.name == \"*SASL*\") | .valueFrom.secretKeyRef.name + \":\" + .valueFrom.secretKeyRef.key", manifests);
        Assert.Equal(["driftd-kafka:username", "driftd-kafka:password"], environment.Trim().Split('\n'));
    }

    [ChartTheory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Rules_and_dashboards_come_from_its_files_however_many_there_are(int files)
    {
        var folder = Directory.CreateTempSubdirectory("driftd-chart-").FullName;
        await Shell.Bash($"cp -r {Tools.Chart}/. {folder} && rm -rf {folder}/files && mkdir -p {folder}/files/prometheus {folder}/files/dashboards");
        for (var i = 0; i < files; i++)
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"files/prometheus/rules{i}.yml"),
                $$$"""groups: [{name: "g{{{i}}}", rules: [{alert: "A{{{i}}}", expr: "up == 0", annotations: {summary: "{{ $labels.model }} is away"}}]}]""");
            await File.WriteAllTextAsync(Path.Combine(folder, $"files/dashboards/Board{i}.json"), "{\"title\": \"{{ not a template }}\"}");
        }

        var manifests = (await Tools.Helm("template", "rel", folder, "--set", "prometheusRule.enabled=true,dashboards.enabled=true")).Fine();
        Directory.Delete(folder, recursive: true);

        Assert.Equal(files, Lines(await Yq("select(.kind == \"PrometheusRule\") | .spec.groups[].rules[].annotations.summary", manifests)).Count(static line => line == "{{ $labels.model }} is away"));
        Assert.Equal(files, Lines(await Yq("select(.metadata.labels.grafana_dashboard == \"1\") | .data[] | from_json | .title", manifests)).Count(static line => line == "{{ not a template }}"));
    }

    [Fact]
    public void The_rules_and_dashboards_in_it_are_those_of_docker()
    {
        Same(Tools.Files("docker/prometheus", "*.yml").Where(static file => Path.GetFileName(file) is not ("prometheus.yml" or "alertmanager.yml")), Tools.Files("helm/driftd/files/prometheus", "*.yml"));
        Same(Tools.Files("docker/grafana/dashboards", "*.json"), Tools.Files("helm/driftd/files/dashboards", "*.json"));
    }

    private static void Same(IEnumerable<string> originals, IReadOnlyList<string> copies)
    {
        const string what = "the chart's copies differ: run helm/copy-files.sh";
        Assert.True(originals.Select(Path.GetFileName).SequenceEqual(copies.Select(Path.GetFileName)), what);
        Assert.All(originals.Zip(copies), static pair => Assert.True(File.ReadAllBytes(pair.First).AsSpan().SequenceEqual(File.ReadAllBytes(pair.Second)), what));
    }

    private static async Task<string> Checksum(string set) =>
        (await Yq("select(.kind == \"StatefulSet\") | .spec.template.metadata.annotations[\"checksum/config\"]", await Rendered(Default, "--set", set))).Trim();

    private static async Task<string> Rendered(string values, params string[] more) =>
        (await Tools.Helm(["template", "rel", Tools.Chart, "-n", "ml", "-f", Path.Combine(Tools.Chart, values), .. more])).Fine();

    private static async Task<string> Yq(string expression, string manifests) => (await Tools.Run("yq", ["-N", expression], manifests)).Fine();

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
