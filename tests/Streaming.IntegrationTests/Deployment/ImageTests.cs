using System.Text.RegularExpressions;

namespace Streaming.IntegrationTests;

/// <summary>A test that lints the Dockerfile; skipped, with the way to enable it, where there is no linter.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinterFactAttribute : FactAttribute
{
    public LinterFactAttribute() => Skip = Shell.Has("dockerfile-utils") ? null : "needs dockerfile-utils on the PATH: npm install dockerfile-utils";
}

/// <summary>A test that takes rights away; skipped where it has none to give up.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SandboxFactAttribute : FactAttribute
{
    public SandboxFactAttribute() => Skip = Environment.IsPrivilegedProcess && Shell.Has("unshare") && Shell.Has("setpriv") && Shell.Has("git")
        ? null : "needs root, git, unshare and setpriv (Debian: util-linux) to run the program without rights in a read-only file system";
}

/// <summary>docker/Dockerfile, as far as it goes without a Docker engine.</summary>
[Collection("deployment")]
public class ImageTests
{
    // the image's tree: /app, and a working folder without a configuration file
    private const string Sandbox = """
        findmnt -rno TARGET | while read -r mount; do mount -o remount,bind,ro "$mount" 2>/dev/null || true; done
        if touch "$FOLDER/written" 2>/dev/null; then echo "the file system can be written to" >&2; exit 99; fi
        cd "$FOLDER/etc"
        exec setpriv --reuid 1654 --regid 1654 --clear-groups --no-new-privs --bounding-set -all --inh-caps -all env -i $VARIABLES "$@"
        """;

    [LinterFact]
    public async Task A_linter_finds_nothing() => Assert.Equal("", (await Shell.Run("dockerfile-utils", ["lint", ImageFile.Path])).Fine().Trim());

    [Fact]
    public void Checklist_20_its_bases_are_pinned_and_it_runs_as_a_user_without_rights_shell_or_diagnostic_port()
    {
        var stages = ImageFile.Stages();
        var last = stages[^1];

        Assert.Equal(2, stages.Count);
        Assert.All(stages, static stage => Assert.Matches(@"^(--platform=\$BUILDPLATFORM )?mcr\.microsoft\.com/dotnet/[a-z]+:\d+\.\d+\.\d+-[a-z-]+@sha256:[0-9a-f]{64}( AS build)?$", stage.Of("FROM").Single()));
        Assert.Contains("-chiseled@", last.Of("FROM").Single(), StringComparison.Ordinal);
        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", last.Of("USER").Single());
        Assert.Contains("DOTNET_EnableDiagnostics=0", last.Of("ENV"));
        Assert.Equal(["--from=build /app /app"], last.Of("COPY"));
        Assert.Equal(["/app/driftd", "run"], [.. ImageFile.Exec(last.Of("ENTRYPOINT").Single()), .. ImageFile.Exec(last.Of("CMD").Single())]);
        // without a shell every command is in exec form
        Assert.All([.. last.Of("RUN"), .. last.Of("HEALTHCHECK")], static text => Assert.Equal("/app/driftd", ImageFile.Exec(text)[0]));
        Assert.DoesNotMatch(new Regex("password|secret|token", RegexOptions.IgnoreCase), File.ReadAllText(ImageFile.Path));
    }

    [Fact]
    public void Checklist_26_only_what_it_builds_from_is_sent_to_the_engine()
    {
        var lines = File.ReadAllLines(Path.Combine(Tools.Root, ".dockerignore"));
        var copied = ImageFile.Stages()[0].Of("COPY").SelectMany(static text => text.Split(' ')[..^1]).Select(static path => path.Split('/')[0]).Distinct();

        Assert.Contains("*", lines);
        Assert.Equal(copied.Order(StringComparer.Ordinal), lines.Where(static line => line.StartsWith('!')).Select(static line => line[1..].TrimEnd('/')).Order(StringComparer.Ordinal));
        Assert.Subset(lines.ToHashSet(), new HashSet<string> { "**/bin/", "**/obj/" });
    }

    [SandboxFact]
    public async Task What_its_build_stage_makes_runs_from_a_read_only_tree_without_rights()
    {
        var folder = Directory.CreateTempSubdirectory("driftd-image-").FullName;
        try
        {
            (await Shell.Run("chmod", ["755", folder])).Fine();
            Directory.CreateDirectory(Path.Combine(folder, "etc"));
            var (source, app) = (Directory.CreateDirectory(Path.Combine(folder, "source")).FullName, Path.Combine(folder, "app"));
            await ImageFile.Build(source, app);
            Directory.Delete(source, recursive: true);

            Assert.True(await IsCompiled(Path.Combine(app, "driftd.dll")), "driftd.dll holds no machine code: not ReadyToRun");
            Assert.DoesNotContain(Directory.EnumerateFiles(app).Select(Path.GetFileName), static file => file!.EndsWith(".xml", StringComparison.Ordinal) || file.StartsWith("alpine", StringComparison.Ordinal));
            await RunsInside(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunsInside(string folder)
    {
        var last = ImageFile.Stages()[^1];
        var app = Path.Combine(folder, "app", "driftd");
        foreach (var command in last.Of("RUN"))
        {
            Assert.StartsWith("fine: ", (await Inside(folder, [app, .. ImageFile.Exec(command).Skip(1)])).Fine(), StringComparison.Ordinal);
        }

        var health = await Inside(folder, [app, .. ImageFile.Exec(last.Of("HEALTHCHECK").Single()).Skip(1)]);
        Assert.Equal((1, ""), (health.ExitCode, health.Output));
        Assert.StartsWith("error: http://127.0.0.1:9464/health/live: Connection refused", health.Error, StringComparison.Ordinal);

        // a broker in the process, both stages, and the client's library
        Assert.Contains("RETRAIN credit-scoring", (await Inside(folder, [app, "demo", "--events", "40000"])).Fine(), StringComparison.Ordinal);

        // against nothing: live, asked by its own health check, and ended by SIGTERM
        var listen = $"127.0.0.1:{LocalKafka.FreePorts(1)[0]}";
        var run = await Inside(folder, ["/bin/bash", "-euc", """
            "$0" run --topic t --bootstrap-servers 127.0.0.1:1 --listen "$1" & driftd=$!
            until "$0" health --live --listen "$1" 2>/dev/null; do kill -0 $driftd; done
            "$0" health --listen "$1" 2>/dev/null && exit 98
            kill $driftd; wait $driftd; echo "ended with $?"
            """, app, listen]);
        Assert.Equal("ok\nended with 0\n", run.Fine());
    }

    private static Task<Ran> Inside(string folder, IReadOnlyList<string> command) => Shell.Run(
        "unshare", ["-m", "--", "bash", "-euc", Sandbox, "sandbox", .. command], folder, new Dictionary<string, string>
        {
            ["FOLDER"] = folder,
            ["VARIABLES"] = string.Join(' ', ImageFile.Stages()[^1].Of("ENV").Append("DOTNET_ROOT=" + DotnetRoot())),
        });

    private static string DotnetRoot() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));

    // the header that a managed assembly has for its native code
    private static async Task<bool> IsCompiled(string assembly)
    {
        await using var file = File.OpenRead(assembly);
        using var reader = new System.Reflection.PortableExecutable.PEReader(file);
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
