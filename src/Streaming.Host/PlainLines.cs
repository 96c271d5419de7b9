using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Streaming.Host;

/// <summary>One line of text an entry, whatever stands in it.</summary>
internal sealed class PlainLines() : ConsoleFormatter(FormatName)
{
    /// <summary>Name of the format.</summary>
    public const string FormatName = "driftd-text";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var exception = logEntry.Exception is { } thrown ? " " + thrown.ToString().ReplaceLineEndings(" ") : "";
        textWriter.WriteLine(
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Level(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {Printable.Text(text + exception)}");
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
