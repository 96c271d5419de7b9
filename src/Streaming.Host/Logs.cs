using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Streaming.Host;

/// <summary>The log of the process: one line an entry, to standard error.</summary>
internal static class Logs
{
    private const string Timestamp = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    public static ILoggerFactory Create(LogFormat format) => LoggerFactory.Create(builder =>
    {
        builder.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = format == LogFormat.Json ? ConsoleFormatterNames.Json : PlainLines.FormatName;
        });
        if (format == LogFormat.Json)
        {
            builder.AddJsonConsole(static json => (json.TimestampFormat, json.UseUtcTimestamp) = (Timestamp.TrimEnd(), true));
        }
        else
        {
            builder.AddConsoleFormatter<PlainLines, ConsoleFormatterOptions>();
        }
    });
}
