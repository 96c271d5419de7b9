using System.CommandLine;
using System.ComponentModel.DataAnnotations;

namespace Streaming.Host;

/// <summary><c>driftd status</c>: how the models of a running instance stand.</summary>
internal static class StatusCommand
{
    private const double DefaultSeconds = 10;
    private const int LongestToken = 500;

    public static Command Create()
    {
        var instance = new InstanceOptions(DefaultSeconds);
        var model = new Argument<string?>("MODEL") { Description = "Name of a model. Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var token = new Option<string?>("--token-file")
        {
            Description = "File with a token that may read, where the instance wants one. It is sent over https, or on this machine.",
            HelpName = "FILE",
        };
        var format = StateReport.Format();
        var command = new Command("status", FileOptions.WithExamples(
            "Asks a running instance how its models stand: level, the stream nearest to its threshold and how far it is, what still learns, last trigger, "
            + "lag. With several instances a model is told by the one that decides it.",
            "driftd status",
            "driftd status fraud --url https://driftd.example:9464 --token-file /run/secrets/driftd --output json"))
        {
            model, token, format,
        };
        instance.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var asked = instance.Read(parsed, "/metrics");
            asked = asked with { Token = Token(parsed.GetValue(token), asked.Target) };
            var status = Read(asked.Target, await asked.AskAsync(stop).ConfigureAwait(false));
            if (parsed.GetValue(model) is { } name)
            {
                status = Only(name, status, asked.Target);
            }

            StatusReport.Write(parsed.InvocationConfiguration.Output, status, parsed.GetValue(format) == "json");
            return CommandLine.Fine;
        });
        return command;
    }

    private static InstanceStatus Read(Uri target, string page)
    {
        try
        {
            return InstanceStatus.Of(MetricsPage.Parse(page, InstanceStatus.Names));
        }
        catch (FormatException exception)
        {
            throw new IOException($"{target}: is no page of metrics: {exception.Message}", exception);
        }
    }

    private static InstanceStatus Only(string name, InstanceStatus status, Uri target)
    {
        var versions = status.Versions.Where(version => version.Model == name).ToList();
        return versions.Count > 0
            ? status with { Versions = versions } : throw new IOException($"{target}: no model {name} is there, of {status.Versions.Select(static version => version.Model).Distinct().Count()}");
    }

    private static string? Token(string? file, Uri target)
    {
        if (file is null)
        {
            return null;
        }

        if (target.Scheme != Uri.UriSchemeHttps && !target.IsLoopback)
        {
            throw new ValidationException($"--token-file: a token is sent over https, or on this machine, not to {target.GetLeftPart(UriPartial.Authority)}");
        }

        var token = File.ReadAllText(file).Trim();
        return token.Length is > 0 and <= LongestToken && token.All(static c => c is > ' ' and < '\u007f')
            ? token : throw new ValidationException($"--token-file {file}: must hold a token of 1 to {LongestToken} visible ASCII characters");
    }
}
