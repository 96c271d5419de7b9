namespace Streaming.IntegrationTests;

/// <summary>The command-line tools of Kubernetes that the tests of chart and image use.</summary>
internal static class Tools
{
    /// <summary>Root of the repository.</summary>
    public static string Root { get; } = Repository.Root;

    /// <summary>Folder with bin/helm, bin/kubeconform, bin/yq, schemas and kubernetes: DRIFTD_TOOLS, or ../shared/tools beside the repository.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("DRIFTD_TOOLS") is { Length: > 0 } given
        ? given : Path.GetFullPath(Path.Combine(Root, "..", "shared", "tools"));

    /// <summary>The chart.</summary>
    public static string Chart { get; } = Path.Combine(Root, "helm", "driftd");

    /// <summary>How to enable the tests that need these tools; null where they are enabled.</summary>
    public static string? Missing(params ReadOnlySpan<string> files)
    {
        foreach (var file in files)
        {
            if (!File.Exists(Path.Combine(Folder, file)))
            {
                return $"needs {file}: set DRIFTD_TOOLS to a folder that has it";
            }
        }

        return null;
    }

    public static Task<Ran> Helm(params IEnumerable<string> arguments) => Run("helm", arguments);

    /// <summary>Runs one of the tools; helm's own files lie in a folder of the tests.</summary>
    public static Task<Ran> Run(string tool, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        var home = Path.Combine(Path.GetTempPath(), "driftd-helm-home");
        var all = new Dictionary<string, string>(variables ?? new Dictionary<string, string>())
        {
            ["HELM_CACHE_HOME"] = Path.Combine(home, "cache"),
            ["HELM_CONFIG_HOME"] = Path.Combine(home, "config"),
            ["HELM_DATA_HOME"] = Path.Combine(home, "data"),
        };
        return Shell.Run(Path.Combine(Folder, "bin", tool), arguments, Root, all, input);
    }

    /// <summary>Files of a folder below the root with this ending; none where there is no such folder.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) => Directory.Exists(Path.Combine(Root, folder))
        ? [.. Directory.EnumerateFiles(Path.Combine(Root, folder), pattern).Order(StringComparer.Ordinal)] : [];
}

/// <summary>A test that needs helm, kubeconform and yq; skipped, with the way to enable it, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChartFactAttribute : FactAttribute
{
    public ChartFactAttribute() => Skip = ChartTheoryAttribute.Missing;
}

/// <summary>The same with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChartTheoryAttribute : TheoryAttribute
{
    public ChartTheoryAttribute() => Skip = Missing;

    internal static string? Missing => Tools.Missing("bin/helm", "bin/kubeconform", "bin/yq");
}

/// <summary>Tests that build and start much: alone, so that no test that measures time stands beside them.</summary>
[CollectionDefinition("deployment", DisableParallelization = true)]
public sealed class DeploymentTogether
{
}
