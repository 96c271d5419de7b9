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

    /// <summary>Runs the command that the arguments name.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="arguments">What the user wrote.</param>
    /// <param name="output">Where results go; standard output unless told otherwise.</param>
    /// <param name="error">Where all else goes; standard error unless told otherwise.</param>
    public static async Task<int> RunAsync(RootCommand root, string[] arguments, TextWriter? output = null, TextWriter? error = null)
    {
        (output, error) = (output ?? Console.Out, error ?? Console.Error);
        if (arguments.Length == 0)
        {
            await root.Parse("--help").InvokeAsync(new InvocationConfiguration { Output = error }).ConfigureAwait(false);
            return WrongUsage;
        }

        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                Say(error, problem.Message);
            }

            await error.WriteLineAsync($"see: driftd {string.Concat(PathOf(parsed).Reverse())}--help").ConfigureAwait(false);
            return WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = StopDeadline,
                Output = output,
                Error = error,
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ValidationException or FormatException)
        {
            Say(error, exception.Message);
            return WrongUsage;
        }
        catch (Exception exception) when (exception is WorkerFailedException or KafkaException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Say(error, exception.Message);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            Say(error, "stopped before it was done");
            return Failed;
        }
    }

    /// <summary>One line a problem.</summary>
    private static void Say(TextWriter error, string problems)
    {
        foreach (var problem in problems.Split('\n'))
        {
            error.WriteLine("error: " + Printable.Text(problem));
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
