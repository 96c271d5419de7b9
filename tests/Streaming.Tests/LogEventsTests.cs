using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Streaming.Kafka;

namespace Streaming.Tests;

public partial class LogEventsTests
{
    private static readonly string Source = string.Concat(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

    [Fact]
    public void Every_log_line_has_an_id()
    {
        var calls = Call().Matches(Source);

        Assert.True(calls.Count > 30, $"{calls.Count} calls");
        Assert.All(calls, static call => Assert.StartsWith("LogEvents.", call.Groups["first"].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_id_is_used_and_no_number_is_given_twice()
    {
        var ids = typeof(LogEvents).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (field.Name, Id: (EventId)field.GetValue(null)!)).ToList();

        Assert.Equal(ids.Count, ids.Select(static named => named.Id.Id).Distinct().Count());
        Assert.All(ids, static named => Assert.Equal(named.Name, named.Id.Name));
        Assert.All(ids, static named => Assert.Matches($@"\(\s*LogEvents\.{named.Name},", Source));
    }

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(\s*(?<first>[^,)]*)")]
    private static partial Regex Call();
}
