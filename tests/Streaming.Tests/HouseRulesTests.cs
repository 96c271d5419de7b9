using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Streaming.Tests;

/// <summary>What a machine can check of how the source is written. Offenders are listed as file:line.</summary>
public partial class HouseRulesTests
{
    private const int LongestFile = 400;

    private static readonly string Root = Repository.Root;
    private static readonly SourceFile[] Sources = [.. CodeFiles("src").Select(SourceFile.Read)];
    private static readonly TypeDeclaration[] Types = [.. Sources.SelectMany(source => source.Types())];

    [Theory]
    [InlineData("Streaming.Drift")]
    [InlineData("Streaming.Monitoring", "Streaming.Drift")]
    [InlineData("Streaming.Kafka", "Streaming.Monitoring")]
    [InlineData("Streaming.Host", "Streaming.Kafka")]
    public void Projects_stand_in_a_straight_line(string project, params string[] references)
    {
        var file = XDocument.Load(Path.Combine(Root, "src", project, $"{project}.csproj"));

        var found = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Equal(references, found);
    }

    [Fact]
    public void There_are_no_other_projects_in_src() =>
        Assert.Equal(
            ["Streaming.Drift", "Streaming.Host", "Streaming.Kafka", "Streaming.Monitoring"],
            Sources.Select(source => source.Project).Concat(ProjectFiles()).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void No_type_hides_its_noun_behind_an_empty_ending() =>
        Nothing(Types.Where(type => EmptyEnding().IsMatch(type.Name)).Select(type => $"{type.Place} {type.Name}"));

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold() =>
        Nothing(Sources.Where(source => source.LineCount > LongestFile)
            .Select(source => $"{source.Path}:{LongestFile + 1} has {source.LineCount} lines"));

    [Fact]
    public void Classes_are_static_abstract_or_sealed() =>
        Nothing(Types.Where(type => type.IsClass)
            .GroupBy(type => (type.Project, type.Name))
            .Where(parts => !parts.Any(part => part.IsClosed))
            .Select(parts => $"{parts.First().Place} {parts.Key.Name}"));

    [Fact]
    public void The_namespace_is_the_name_of_the_project() =>
        Nothing(Sources.SelectMany(source => source.Matches(Namespace())
            .Where(found => found.Groups["name"].Value != source.Project)
            .Select(found => $"{source.Place(found)} {found.Groups["name"].Value}")));

    [Fact]
    public void Types_stand_in_a_namespace() =>
        Nothing(Sources.Where(source => source.Matches(Namespace()).Count == 0)
            .SelectMany(source => source.Types())
            .Where(type => type.Name != "Program")
            .Select(type => $"{type.Place} {type.Name}"));

    [Fact]
    public void No_code_reads_the_wall_clock() => NoSourceContains(WallClock());

    [Fact]
    public void No_code_sleeps() => NoSourceContains(Sleep());

    [Fact]
    public void No_code_draws_unseeded_numbers() => NoSourceContains(SharedRandom());

    [Fact]
    public void Only_the_host_writes_to_the_console() => NoSourceContains(ConsoleUse(), except: "Streaming.Host");

    [Fact]
    public void The_mathematics_neither_waits_nor_logs_nor_touches_files() =>
        Nothing(Sources.Where(source => source.Project == "Streaming.Drift").SelectMany(source => source.Uses(OutsideWorld())));

    [Fact]
    public void Nothing_is_left_to_be_done() =>
        Nothing(Sources.SelectMany(source => Unfinished().Matches(source.Text).Select(found => $"{source.Place(found)} {found.Value}")));

    [Fact]
    public void Every_detector_distance_and_window_has_its_tests()
    {
        var tests = CodeFiles("tests/Streaming.Tests").Select(Path.GetFileNameWithoutExtension).ToHashSet();

        Nothing(Sources
            .Where(source => source.Path.Split('/')[..^1].Any(folder => folder is "Detectors" or "Distances" or "Windows"))
            .Where(source => source.Types().Any(type => type.HasBehaviour))
            .Where(source => !tests.Contains($"{source.Name}Tests"))
            .Select(source => $"{source.Path}:1 has no {source.Name}Tests.cs"));
    }

    [Fact]
    public void Comments_and_text_are_not_taken_for_code()
    {
        const string text = """"
            a(); // b "c"
            var d = "e\"f" + @"g""h" + 'i' + '"' + '\'' + $"j{k("l")}"; /* m
            n */ o();
            var p = $$"""
                q "r"
                """; s();
            """";

        var code = SourceFile.Code(text);

        Assert.Equal("""a(); var d = + + + + + $"j{k("l ; o(); var p = $$ ; s();""", Regex.Replace(code, @"\s+", " "));
        Assert.Equal(text.Count(c => c == '\n'), code.Count(c => c == '\n'));
        Assert.Equal(text.Length, code.Length);
    }

    private static void NoSourceContains(Regex banned, string? except = null) =>
        Nothing(Sources.Where(source => source.Project != except).SelectMany(source => source.Uses(banned)));

    private static void Nothing(IEnumerable<string> offenders)
    {
        var lines = offenders.ToArray();
        Assert.True(lines.Length == 0, string.Join('\n', lines));
    }

    private static IEnumerable<string> CodeFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(file[Root.Length..].Replace('\\', '/')))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> ProjectFiles() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file));

    private const string Modifiers = "public|internal|private|protected|static|sealed|abstract|partial|readonly|ref|file|unsafe|new";

    [GeneratedRegex(@"(Manager|Helper|Utils?|Service|Processor|Handler|Base|Impl|Wrapper|Factory|Data|Info)$")]
    private static partial Regex EmptyEnding();

    [GeneratedRegex(@"^[ \t]*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\bDateTime\s*\.\s*(Now|UtcNow|Today)\b|\bDateTimeOffset\s*\.\s*(Now|UtcNow)\b")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\bThread\s*\.\s*Sleep\b|\bTask\s*\.\s*Delay\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bRandom\s*\.\s*Shared\b|\bnew\s+Random\s*\(\s*\)")]
    private static partial Regex SharedRandom();

    [GeneratedRegex(@"\bConsole\s*\.")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(@"\b(async|await|ILogger|FileStream|FileInfo|DirectoryInfo|StreamReader|StreamWriter)\b|\bSystem\.IO\b|\b(File|Directory)\s*\.")]
    private static partial Regex OutsideWorld();

    [GeneratedRegex(@"\bTODO\b|\bNotImplementedException\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex("/(obj|bin)/")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(
        @"^[ \t]*(?:\[[^\]\n]*\][ \t]*)*(?<modifiers>(?:(?:" + Modifiers + @")\s+)*)"
        + @"(?<kind>class|record\s+struct|record\s+class|record|struct|interface|enum|delegate\s+[\w<>\[\]?,. ]+?)\s+(?<name>[A-Z]\w*)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    // In the order in which they are tried: line comment, block comment, verbatim text, text with holes, raw text, text, character.
    [GeneratedRegex(
        @"//[^\n]*|/\*[\s\S]*?\*/"
        + @"|(?:\$@|@\$|@)""(?:[^""]|"""")*"""
        + @"|(?<holes>\$""(?!"""")(?:\\.|[^""\\\n])*"")"
        + @"|(?<quotes>""{3,})[\s\S]*?\k<quotes>(?!"")"
        + @"|""(?:\\.|[^""\\\n])*"""
        + @"|'(?:\\[^\n][^'\n]*|[^'\\\n])'")]
    private static partial Regex NotCode();

    /// <summary>One file of src: its text, and the same text with comments and literals blanked.</summary>
    private sealed record SourceFile(string Path, string Text, string Blanked)
    {
        public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

        public string Project => Path.Split('/')[1];

        public int LineCount => Text.TrimEnd('\n').Count(c => c == '\n') + 1;

        public static SourceFile Read(string file)
        {
            var text = File.ReadAllText(file).ReplaceLineEndings("\n");
            return new(System.IO.Path.GetRelativePath(Root, file).Replace('\\', '/'), text, Code(text));
        }

        // Text with holes stays: what stands in a hole is code.
        public static string Code(string text) => NotCode().Replace(text, found =>
            found.Groups["holes"].Success ? found.Value : string.Concat(found.Value.Select(c => c == '\n' ? '\n' : ' ')));

        public MatchCollection Matches(Regex pattern) => pattern.Matches(Blanked);

        public IEnumerable<string> Uses(Regex banned) => Matches(banned).Select(found => $"{Place(found)} {found.Value}");

        public string Place(Group found) => $"{Path}:{Text.AsSpan(0, found.Index).Count('\n') + 1}";

        public IEnumerable<TypeDeclaration> Types() =>
            Matches(Declaration()).Select(found => new TypeDeclaration(
                Project, Place(found.Groups["name"]), found.Groups["name"].Value, found.Groups["kind"].Value, found.Groups["modifiers"].Value));
    }

    private sealed record TypeDeclaration(string Project, string Place, string Name, string Kind, string Modifiers)
    {
        public bool IsClass => Kind.StartsWith("class", StringComparison.Ordinal)
            || (Kind.StartsWith("record", StringComparison.Ordinal) && !Kind.EndsWith("struct", StringComparison.Ordinal));

        /// <summary>Records, enums and interfaces say what there is; classes and structs do something.</summary>
        public bool HasBehaviour => Kind is "class" or "struct";

        public bool IsClosed => Modifiers.Split((char[]?)null).Any(word => word is "static" or "abstract" or "sealed");
    }
}
