namespace Streaming.IntegrationTests;

/// <summary>A limit of the kernel on the memory of a process, where this process may set one: it is ended when it wants more.</summary>
internal sealed class MemoryCap : IDisposable
{
    private readonly string _folder;

    private MemoryCap(string folder) => _folder = folder;

    /// <summary>Words that start a program under the limit.</summary>
    public IReadOnlyList<string> Launcher => ["sh", "-c", $"echo $$ > {_folder}/cgroup.procs && exec \"$@\"", "sh"];

    /// <summary>Sets a limit; null where control groups are not ours to make.</summary>
    public static MemoryCap? Of(long bytes)
    {
        var name = "driftd-" + Guid.NewGuid().ToString("N")[..8];
        foreach (var (root, limit) in (ReadOnlySpan<(string, string)>)[("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")])
        {
            var folder = Path.Combine(root, name);
            try
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, limit), $"{bytes}");
                return new MemoryCap(folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // the other version of control groups, or not allowed
            }
        }

        return null;
    }

    public void Dispose() => Directory.Delete(_folder);
}
