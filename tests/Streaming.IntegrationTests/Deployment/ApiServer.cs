using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Streaming.IntegrationTests;

/// <summary>A test that needs a real Kubernetes API server; skipped, with the way to enable it, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = ApiServer.Missing;
}

/// <summary>A Kubernetes API server without controllers and nodes: what it is given is checked and stored, nothing runs.</summary>
public sealed class ApiServer : IAsyncLifetime
{
#pragma warning disable CA5400 // a certificate that the server has made for itself a moment ago
    private static readonly HttpClient Client = new(
        new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
#pragma warning restore CA5400

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "driftd-k8s-" + Guid.NewGuid().ToString("N")[..8]);
    private Uri? _address;
    private string? _token;

    /// <summary>How to enable the tests that need it; null where they are enabled.</summary>
    internal static string? Missing => Tools.Missing("bin/helm", "bin/yq", "kubernetes/apiserver")
        ?? (Shell.Has("etcd") && Shell.Has("zstd") && Shell.Has("openssl") && Shell.Has("curl")
            ? null : "needs etcd, zstd, openssl and curl on the PATH: install the Debian packages etcd-server, zstd, openssl, curl");

    private IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string> { ["KUBECONFIG"] = Path.Combine(_folder, "kubeconfig") };

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        // it takes this port and the two after it
        var port = LocalKafka.FreePorts(1)[0];
        port = port > 60_000 ? port - 5_000 : port;
        (await Server($"start {_folder} {port} >/dev/null 2>&1")).Fine();
        _address = new Uri($"https://127.0.0.1:{port}");
        _token = (await File.ReadAllTextAsync(Path.Combine(_folder, "tokens.csv"))).Split(',')[0];
        await InstallCrds();
    }

    public async Task DisposeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        (await Server($"stop {_folder}")).Fine();
        Directory.Delete(_folder, recursive: true);
    }

    internal async Task<Ran> Helm(params IEnumerable<string> arguments) => await Tools.Run("helm", arguments, variables: Variables);

    /// <summary>A namespace that takes nothing but what keeps to the standard `restricted`.</summary>
    internal async Task RestrictedNamespace(string name)
    {
        await Post("/api/v1/namespaces", $$$$"""
            {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{{name}}}}","labels":{"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/warn":"restricted"}}}
            """);
        // controllers make it, where there are any
        await Post($"/api/v1/namespaces/{name}/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}""");
    }

    /// <summary>Creates an object.</summary>
    internal async Task Post(string path, string json)
    {
        using var answer = await Ask(HttpMethod.Post, path, json);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>An object; null where there is none.</summary>
    internal async Task<JsonElement?> Get(string path)
    {
        using var answer = await Ask(HttpMethod.Get, path, null);
        return answer.IsSuccessStatusCode ? JsonElement.Parse(await answer.Content.ReadAsStringAsync()) : null;
    }

    private async Task<HttpResponseMessage> Ask(HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address!, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await Client.SendAsync(request);
    }

    private static Task<Ran> Server(string command) => Shell.Bash($"exec {Path.Combine(Tools.Folder, "kubernetes", "apiserver")} {command}");

    // a chart with nothing but them, since helm waits until they are known
    private async Task InstallCrds()
    {
        var chart = Path.Combine(_folder, "crds-chart");
        Directory.CreateDirectory(Path.Combine(chart, "crds"));
        await File.WriteAllTextAsync(Path.Combine(chart, "Chart.yaml"), "apiVersion: v2\nname: crds\nversion: 1.0.0\n");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Tools.Folder, "kubernetes", "crds"), "monitoring.*"))
        {
            File.Copy(file, Path.Combine(chart, "crds", Path.GetFileName(file)));
        }

        (await Helm("install", "crds", chart)).Fine();
    }
}
