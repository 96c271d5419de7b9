namespace Streaming.Tests;

public sealed class PublishCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Option '--topic' is required", "--model", "m")]
    [InlineData("Option '--model' is required", "--topic", "t")]
    [InlineData("bootstrapServers: needed", "--topic", "t", "--model", "m")]
    [InlineData("--rate 0: expected 0.001 to 10000000", "--topic", "t", "--model", "m", "--bootstrap-servers", "127.0.0.1:1", "--rate", "0")]
    [InlineData("--label truth: ", "--topic", "t", "--model", "m", "--bootstrap-servers", "127.0.0.1:1", "--label", "truth")]
    public async Task Wrong_usage_is_named_and_gives_2(string message, params string[] options)
    {
        var run = await Driftd.RunAsync(["publish", _folder.File("a.csv", "id,x\na,1\n"), .. options]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
    }
}
