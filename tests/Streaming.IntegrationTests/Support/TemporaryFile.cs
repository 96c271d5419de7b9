namespace Streaming.IntegrationTests;

/// <summary>A file that lives as long as a test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string text) => File.WriteAllText(Path, text);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"driftd-{Guid.NewGuid():N}.yaml");

    public void Dispose() => File.Delete(Path);
}
