using System.Text.RegularExpressions;

namespace Streaming.IntegrationTests;

/// <summary>An instruction of a Dockerfile, its lines joined.</summary>
internal sealed record Instruction(string Name, string Text);

/// <summary>What docker/Dockerfile says, and the build stage of it done by hand.</summary>
internal static partial class ImageFile
{
    public static string Path { get; } = System.IO.Path.Combine(Tools.Root, "docker", "Dockerfile");

    /// <summary>The instructions of each stage, FROM first.</summary>
    public static IReadOnlyList<IReadOnlyList<Instruction>> Stages()
    {
        var text = Continued().Replace(Comment().Replace(File.ReadAllText(Path), ""), " ");
        var stages = new List<List<Instruction>>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var instruction = new Instruction(line.Split(' ', 2)[0], line.Split(' ', 2)[1]);
            if (instruction.Name == "FROM")
            {
                stages.Add([]);
            }

            stages[^1].Add(instruction);
        }

        return stages;
    }

    /// <summary>The texts of one kind of instruction in a stage.</summary>
    public static IEnumerable<string> Of(this IEnumerable<Instruction> stage, string name) =>
        stage.Where(instruction => instruction.Name == name).Select(static instruction => instruction.Text);

    /// <summary>The words of an instruction in exec form.</summary>
    public static IReadOnlyList<string> Exec(string text) => System.Text.Json.JsonSerializer.Deserialize<string[]>(text[text.IndexOf('[', StringComparison.Ordinal)..])!;

    /// <summary>Copies and runs what the build stage says, in a clean folder, for this kind of machine; the image's /app is a folder named.</summary>
    public static async Task Build(string source, string app)
    {
        foreach (var (name, text) in Stages()[0])
        {
            var command = name switch
            {
                "COPY" => Copy(text),
                "RUN" => text.Replace("/app", app, StringComparison.Ordinal),
                _ => null,
            };
            if (command is not null)
            {
                (await Shell.Bash(command, source, new Dictionary<string, string> { ["TARGETARCH"] = "amd64", ["VERSION"] = "1.0.0" })).Fine();
            }
        }
    }

    // of the folders only what git knows: .dockerignore leaves out what a build has made
    private static string Copy(string text)
    {
        var words = text.Split(' ');
        return $"mkdir -p {words[^1]} && git -C {Tools.Root} ls-files -z --cached --others --exclude-standard -- {string.Join(' ', words[..^1])} "
            + $"| tar -C {Tools.Root} --null -T - -c | tar -x";
    }

    [GeneratedRegex(@"^\s*#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();
}
