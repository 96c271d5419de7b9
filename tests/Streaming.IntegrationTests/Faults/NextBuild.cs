using System.Diagnostics;

namespace Streaming.IntegrationTests;

/// <summary>driftd built with the state layout that would come next, in a folder of its own.</summary>
public sealed class NextBuild : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("driftd-next-").FullName;

    public string Program => Path.Combine(_folder, "bin", "Streaming.Host", "release", "driftd");

    public async Task InitializeAsync()
    {
        if (KafkaCluster.Missing is not null)
        {
            return;
        }

        var build = new ProcessStartInfo("dotnet",
        [
            "build", Path.Combine(Repository.Root, "src", "Streaming.Host"), "-c", "Release", "-v", "q", "--artifacts-path", _folder, "-p:StateCodec=next",
            "-nodeReuse:false", "-p:UseSharedCompilation=false",
        ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.Root,
        };
        using var process = Process.Start(build)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>State in the layout of that build as this one would have written it: version 1, and without the field that was added behind it.</summary>
    public static byte[] InFormerLayout(byte[] value) => value[0] == 1 ? value : [1, .. value.AsSpan(1 + sizeof(long))];
}
