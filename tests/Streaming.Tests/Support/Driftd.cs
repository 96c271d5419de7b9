using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Streaming.Host;

namespace Streaming.Tests;

/// <summary>Runs <c>driftd</c> in this process and keeps what it wrote.</summary>
internal sealed record Driftd(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> Lines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<JsonElement> Objects => [.. Lines.Select(line => JsonElement.Parse(line))];

    public static async Task<Driftd> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await CommandLine.RunAsync(Program.Root(), arguments, output, error);
        return new Driftd(exitCode, output.ToString(), error.ToString());
    }
}

/// <summary>A folder for files of one test, deleted at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("driftd-");

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string File(string name, string content) => File(name, Encoding.UTF8.GetBytes(content));

    public string File(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(Path(name), content);
        return Path(name);
    }

    public IEnumerable<string> Names() => _folder.EnumerateFiles().Select(file => file.Name);

    public void Dispose() => _folder.Delete(recursive: true);

    public static byte[] Gzip(string content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(content));
        }

        return packed.ToArray();
    }
}
