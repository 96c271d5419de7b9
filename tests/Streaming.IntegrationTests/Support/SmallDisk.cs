using System.Diagnostics;

namespace Streaming.IntegrationTests;

/// <summary>A file system of a few MiB that only processes started through it see; it is gone with this process.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Process _holder;

    public SmallDisk(int megabytes)
    {
        Directory.CreateDirectory(Folder);
        _holder = Process.Start(new ProcessStartInfo("unshare", [.. Unshare, "sh", "-c", $"mount -t tmpfs -o size={megabytes}m tmpfs {Folder} && echo mounted && read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (_holder.StandardOutput.ReadLine() != "mounted")
        {
            throw new IOException("no file system could be mounted");
        }
    }

    /// <summary>Where it lies, for those who see it.</summary>
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "driftd-disk-" + Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Words that start a program which sees it.</summary>
    public IReadOnlyList<string> Launcher =>
        ["nsenter", "--target", $"{_holder.Id}", "--mount", .. Environment.IsPrivilegedProcess ? (string[])[] : ["--user", "--preserve-credentials"]];

    private string Ballast => Path.Combine(Folder, "ballast");

    private static string[] Unshare => ["--mount", .. Environment.IsPrivilegedProcess ? (string[])[] : ["--user", "--map-root-user"]];

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Missing()
    {
        try
        {
            using var disk = new SmallDisk(1);
            return null;
        }
        catch (Exception exception) when (exception is IOException or System.ComponentModel.Win32Exception)
        {
            return "needs to mount a small file system (unshare of util-linux, user namespaces or root)";
        }
    }

    /// <summary>Takes all room there is.</summary>
    public void Fill() => Run("dd", "if=/dev/zero", "of=" + Ballast, "bs=64k");

    /// <summary>Gives it back.</summary>
    public void Free() => Run("rm", Ballast);

    /// <summary>What a program says that sees it.</summary>
    public string Run(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(Launcher[0], [.. Launcher.Skip(1), .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said + errors.Result;
    }

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
        Directory.Delete(Folder);
    }
}
