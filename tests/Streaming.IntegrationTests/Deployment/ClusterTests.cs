using System.Text.Json;

namespace Streaming.IntegrationTests;

/// <summary>The chart on a real Kubernetes API server, which refuses what schemas cannot see.</summary>
[Collection("deployment")]
public class ClusterTests(ApiServer server) : IClassFixture<ApiServer>
{
    [ClusterTheory]
    [InlineData("values.yaml", 2, 2)]
    [InlineData("ci/minimal-values.yaml", 1, 2)]
    [InlineData("ci/full-values.yaml", 3, 5)]
    public async Task It_is_installed_changed_and_removed_and_its_pods_keep_to_restricted(string values, int replicas, int pods)
    {
        var name = "n" + Guid.NewGuid().ToString("N")[..8];
        await server.RestrictedNamespace(name);
        string[] chart = ["driftd", Tools.Chart, "-n", name, "-f", Path.Combine(Tools.Chart, values)];

        Quiet(await server.Helm(["install", .. chart]));
        var first = (await StatefulSet(name))!.Value;
        Assert.Equal(replicas, first.GetProperty("spec").GetProperty("replicas").GetInt32());
        await AdmitPods(name, pods);

        Quiet(await server.Helm(["upgrade", .. chart, "--set", $"replicaCount={replicas + 1},config.cooldown=2h"]));
        var second = (await StatefulSet(name))!.Value;
        Assert.Equal(replicas + 1, second.GetProperty("spec").GetProperty("replicas").GetInt32());
        Assert.NotEqual(Checksum(first), Checksum(second));

        (await server.Helm("uninstall", "driftd", "-n", name)).Fine();
        Assert.Null(await StatefulSet(name));
        Assert.Equal("", (await server.Helm("list", "-n", name, "-q")).Fine());
    }

    // no controller makes pods here, so the templates are handed in as pods
    private async Task AdmitPods(string name, int pods)
    {
        var manifests = (await server.Helm("get", "manifest", "driftd", "-n", name)).Fine() + (await server.Helm("get", "hooks", "driftd", "-n", name)).Fine();
        const string select = "select(.kind == \"StatefulSet\" or .kind == \"Job\" or .kind == \"Pod\") | (.spec.template // .) | {\"spec\": .spec}";
        var templates = (await Tools.Run("yq", ["-N", "-o=json", "-I=0", select], manifests)).Fine().Trim().Split('\n');
        Assert.InRange(templates.Length, 2, pods);
        for (var i = 0; i < templates.Length; i++)
        {
            var spec = JsonElement.Parse(templates[i]).GetProperty("spec").GetRawText();
            await server.Post($"/api/v1/namespaces/{name}/pods?dryRun=All", $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p{{{i}}}"},"spec":{{{spec}}}}""");
        }
    }

    private Task<JsonElement?> StatefulSet(string name) => server.Get($"/apis/apps/v1/namespaces/{name}/statefulsets/driftd");

    private static string Checksum(JsonElement set) => set.GetProperty("spec").GetProperty("template").GetProperty("metadata").GetProperty("annotations").GetProperty("checksum/config").GetString()!;

    private static void Quiet(Ran run)
    {
        Assert.Contains("driftd 1.0.0 reads", run.Fine(), StringComparison.Ordinal);
        Assert.DoesNotContain("would violate PodSecurity", run.Error, StringComparison.Ordinal);
    }
}
