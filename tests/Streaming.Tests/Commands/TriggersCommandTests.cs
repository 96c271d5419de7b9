namespace Streaming.Tests;

public class TriggersCommandTests
{
    [Theory]
    [InlineData("--exec, --webhook: one of them is needed, and only one")]
    [InlineData("--exec, --webhook: one of them is needed, and only one", "--exec", "x", "--webhook", "http://h/")]
    [InlineData("--webhook: must be an address that begins with https:// or http://", "--webhook", "ftp://h/")]
    [InlineData("--webhook: must be an address that begins with https:// or http://", "--webhook", "/hook")]
    [InlineData("--timeout = 0s: must be a duration from 1s to 24h", "--exec", "x", "--timeout", "0s")]
    [InlineData("--parallel 0: expected 1 to 64", "--exec", "x", "--parallel", "0")]
    public async Task Wrong_usage_is_named(string problem, params string[] arguments)
    {
        var driftd = await Driftd.RunAsync(["triggers", "watch", "--bootstrap-servers", "127.0.0.1:1", .. arguments]);

        Assert.Equal((2, $"error: {problem}"), (driftd.ExitCode, driftd.Error.Trim()));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_this is no base64 at all")]
    public async Task A_secret_that_is_too_short_is_refused(string secret)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, secret + "\n");

        var driftd = await Driftd.RunAsync("triggers", "watch", "--bootstrap-servers", "127.0.0.1:1", "--webhook", "http://h/", "--secret-file", file);

        File.Delete(file);
        Assert.Equal(
            (2, "error: --secret-file: the secret must have at least 16 bytes, or be whsec_ and base64"), (driftd.ExitCode, driftd.Error.Trim()));
    }
}
