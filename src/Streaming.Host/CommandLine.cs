using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>Runs a command and turns what went wrong into one line and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>All went well.</summary>
    public const int Fine = 0;

    /// <summary>It could not be done.</summary>
    public const int Failed = 1;

    /// <summary>The command or the configuration is wrong.</summary>
    public const int WrongUsage = 2;

    // commands end by themselves when they are asked to; this ends one that does not
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Say(error.Message);
            }

            await Console.Error.WriteLineAsync($"see: driftd {string.Concat(PathOf(parsed).Reverse())}--help").ConfigureAwait(false);
            return WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = StopDeadline,
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ValidationException or FormatException)
        {
            Say(exception.Message);
            return WrongUsage;
        }
        catch (Exception exception) when (exception is WorkerFailedException or KafkaException or IOException or UnauthorizedAccessException)
        {
            Say(exception.Message);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            Say("stopped before it was done");
            return Failed;
        }
    }

    /// <summary>One line a problem.</summary>
    private static void Say(string problems)
    {
        foreach (var problem in problems.Split('\n'))
        {
            Console.Error.WriteLine("error: " + problem);
        }
    }

    private static IEnumerable<string> PathOf(ParseResult parsed)
    {
        for (var result = parsed.CommandResult; result.Command is not RootCommand; result = (System.CommandLine.Parsing.CommandResult)result.Parent!)
        {
            yield return result.Command.Name + " ";
        }
    }
}
