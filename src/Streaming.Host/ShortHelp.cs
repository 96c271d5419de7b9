using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Streaming.Host;

/// <summary>Help that lists each command with the first sentence of what it says about itself; its own help says all.</summary>
internal sealed class ShortHelp(HelpAction whole) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Puts it in place of the usual help.</summary>
    public static RootCommand On(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ShortHelp((HelpAction)help.Action!);
        return root;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        foreach (var command in parseResult.CommandResult.Command.Subcommands)
        {
            command.Description = FirstSentence(command.Description ?? "");
        }

        return whole.Invoke(parseResult);
    }

    private static string FirstSentence(string text)
    {
        var line = text.Split('\n')[0].TrimEnd();
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? line : line[..(end + 1)];
    }
}
