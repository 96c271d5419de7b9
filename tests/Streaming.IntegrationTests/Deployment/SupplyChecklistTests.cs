using System.Text.Json;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using YamlDotNet.RepresentationModel;

namespace Streaming.IntegrationTests;

/// <summary>Lines of the security checklist that manifests and what is delivered show.</summary>
[Collection("deployment")]
public partial class SupplyChecklistTests
{
    [ChartFact]
    public async Task Checklist_20_pods_have_no_rights_no_token_limits_and_a_read_only_root()
    {
        var pod = Of(await Rendered("full"), "StatefulSet")["spec"]["template"]["spec"];
        var container = pod["containers"][0];
        var (whole, own) = (pod["securityContext"], container["securityContext"]);

        Assert.Equal("false", pod["automountServiceAccountToken"].ToString());
        Assert.Equal("true", whole["runAsNonRoot"].ToString());
        Assert.Equal("RuntimeDefault", whole["seccompProfile"]["type"].ToString());
        Assert.Equal("false", own["allowPrivilegeEscalation"].ToString());
        Assert.Equal("true", own["readOnlyRootFilesystem"].ToString());
        Assert.Equal("ALL", own["capabilities"]["drop"][0].ToString());
        Assert.NotEmpty(container["resources"]["limits"]["memory"].ToString());
    }

    [ChartFact]
    public async Task Checklist_21_the_network_is_open_to_brokers_names_and_the_scraper_only()
    {
        var policy = Of(await Rendered("full"), "NetworkPolicy")["spec"];

        Assert.Equal(["Egress", "Ingress"], ((YamlSequenceNode)policy["policyTypes"]).Select(static type => type.ToString()).Order(StringComparer.Ordinal));
        Assert.All((YamlSequenceNode)policy["egress"], static rule => Assert.NotEmpty((YamlSequenceNode)rule["ports"]));
        Assert.All((YamlSequenceNode)policy["ingress"], static rule => Assert.NotEmpty((YamlSequenceNode)rule["ports"]));
    }

    [ChartFact]
    public async Task Checklist_22_pods_are_not_all_taken_at_once_and_have_longer_to_stop_than_they_need()
    {
        var manifests = await Rendered("full");

        Assert.Matches("^([1-9]|[1-9][0-9]?%)$", Of(manifests, "PodDisruptionBudget")["spec"]["maxUnavailable"].ToString());
        Assert.InRange(int.Parse(Of(manifests, "StatefulSet")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].ToString()), 6, 600);
    }

    [Fact]
    public async Task Checklist_24_the_bill_of_materials_names_every_package_and_what_is_in_the_native_library()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("driftd-sbom-").FullName, "driftd.json");
        try
        {
            (await Shell.Run(Path.Combine(Tools.Root, ".ci", "sbom"), [file], Tools.Root)).Fine();
            using var bill = JsonDocument.Parse(await File.ReadAllTextAsync(file));
            var components = bill.RootElement.GetProperty("components").EnumerateArray()
                .ToLookup(static one => one.GetProperty("name").GetString()!, static one => one.GetProperty("version").GetString());

            Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
            Assert.Equal([Library.VersionString], components["librdkafka"]);
            Assert.Subset(components.Select(static one => one.Key).ToHashSet(), Packages().ToHashSet());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public void Checklist_30_the_version_of_librdkafka_stands_in_two_places_that_agree()
    {
        var packages = File.ReadAllText(Path.Combine(Tools.Root, "Directory.Packages.props"));
        var script = File.ReadAllText(Path.Combine(Tools.Root, ".ci", "setup.sh"));

        Assert.Contains($"Include=\"Confluent.Kafka\" Version=\"{Library.VersionString}\"", packages, StringComparison.Ordinal);
        Assert.Contains($"LIBRDKAFKA_VERSION={Library.VersionString}\n", script, StringComparison.Ordinal);
    }

    // what the sources refer to by themselves, the test projects left out
    private static IEnumerable<string> Packages() => Directory.EnumerateFiles(Path.Combine(Tools.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .SelectMany(static project => Reference().Matches(File.ReadAllText(project))).Select(static match => match.Groups["name"].Value)
        .Where(static name => name != "librdkafka.redist");

    private static async Task<List<YamlNode>> Rendered(string values)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader((await Tools.Helm("template", "rel", Tools.Chart, "-f", Path.Combine(Tools.Chart, "ci", values + "-values.yaml"))).Fine()));
        return [.. yaml.Documents.Select(static document => document.RootNode).OfType<YamlMappingNode>()];
    }

    private static YamlNode Of(List<YamlNode> manifests, string kind) => manifests.Single(manifest => manifest["kind"].ToString() == kind);

    [GeneratedRegex("<PackageReference Include=\"(?<name>[^\"]+)\"")]
    private static partial Regex Reference();
}
