using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Streaming.Benchmarks;
using Streaming.Drift;
using Streaming.Host;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>What the README says against what the program is.</summary>
public partial class ReadmeTests
{
    private static readonly string Root = Repository.Root;
    private static readonly string Readme = File.ReadAllText(Path.Combine(Root, "README.md"));
    private static readonly string Library = File.ReadAllText(Path.Combine(Root, "src/Streaming.Drift/README.md"));
    private static readonly string Keys = File.ReadAllText(Path.Combine(Root, "src/Streaming.Host/Configuration/README.md"));

    [Fact]
    public void It_can_be_read_to_its_end() => Assert.InRange(Readme.TrimEnd().Split('\n').Length, 1, 300);

    [Fact]
    public void Every_key_stands_in_it_with_its_range_and_default_and_no_other()
    {
        var rows = Rows("Keys", Keys).Where(static row => row[0] != "`kafka.NAME`").ToList();

        Assert.Equal(Settings.All.Select(static setting => setting.Key).Order(), rows.SelectMany(static row => Code(row[0])).Order());
        foreach (var row in rows)
        {
            foreach (var setting in Code(row[0]).Select(static key => Settings.All.Single(setting => setting.Key == key)))
            {
                Assert.Equal(Regex.Replace(setting.Must["must be ".Length..], ", (written as|for example) .*", ""), row[1]);
                Assert.Equal(row[2] == "`/` and the name" ? "/" + setting.Key.Split('.')[^1] : row[2], setting.Default);
            }
        }
    }

    [Fact]
    public void Its_table_of_metrics_is_what_the_instruments_say_of_themselves()
    {
        Assert.Contains("`driftd_events_total`", MetricTable.Markdown(), StringComparison.Ordinal);

        // to write it anew: dotnet run -c Release --project tests/Streaming.Benchmarks -- generate
        Assert.Equal(MetricTable.Put(Readme), Readme);
    }

    [Fact]
    public void The_event_shown_is_one()
    {
        var decoded = new DecodedEvent();

        Assert.Equal(RejectReason.None, new EventDecoder(new EventMapping(), 256 * 1024).Decode(Encoding.UTF8.GetBytes(Example("event")), decoded));
        Assert.Equal(3, decoded.Features.Length);
        Assert.Equal((0.83, 1.0, 12.3), (decoded.PredictionNumber, decoded.LabelNumber, decoded.Latency));
    }

    [Theory]
    [InlineData("signal")]
    [InlineData("trigger")]
    public void A_record_shown_has_the_fields_that_are_written_in_their_order(string name)
    {
        var moved = new WhatMoved(Moved.Yes, Moved.No, [new MovedEvidence("inputs", "feature:a", "psi", 1, 2, 3, 4, 5)]);
        var signal = new DriftSignal
        {
            Id = "s",
            Group = "g",
            Model = "m",
            Version = "1",
            Stream = "error",
            Detector = "adwin",
            Level = DriftLevel.Drift,
            PreviousLevel = DriftLevel.Stable,
            Evidence = default,
            DetectedAt = 2,
            ChangedAt = 1,
            ChangeRounds = 1,
            RecordTime = 2,
            MayTrigger = true,
            Where = [new("t", 0, DriftLevel.Warning)],
            Contributors = [new("feature:a", "psi", 1, 2, DriftLevel.Warning)],
            Moved = moved,
            Summary = "s",
        };
        var trigger = new RetrainTrigger
        {
            Id = "t",
            Signal = signal,
            Reason = "r",
            Summary = "s",
            Evidence = [signal],
            FreshData = [new OffsetSpan("t", 0, 1, 2)],
            Contributors = signal.Contributors,
            Moved = moved,
            ConfigHash = "c",
            CooldownUntil = 3,
        };
        var written = (name == "signal" ? signal.ToRecord() : trigger.ToRecord()).Value!;

        Assert.Equal(Fields(JsonElement.Parse(written)), Fields(JsonElement.Parse(Example(name))));
    }

    [Fact]
    public void Every_detector_and_distance_stands_in_it() =>
        Assert.Equal(DetectorSpec.Names.Concat(DistanceSpec.Names), Rows("Detectors and distances", Library).SelectMany(static row => Code(row[0])).Where(static name =>
            DetectorSpec.Names.Contains(name) || DistanceSpec.Names.Contains(name)));

    [Fact]
    public void Every_reason_of_a_dead_letter_stands_in_it() =>
        Assert.Equal(
            Enum.GetValues<RejectReason>().Where(static reason => reason != RejectReason.None).Select(static reason => reason.Text()).Order(),
            Rows("Topics and messages").SelectMany(static row => Code(row[^1])).Where(static text => text.Contains('_', StringComparison.Ordinal)).Order());

    [Fact]
    public void Every_test_that_a_guarantee_names_is_there()
    {
        var tests = string.Concat(Sources("tests"));
        var named = Rows("Guarantees").SelectMany(static row => Code(row[3])).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains($" {name}(", tests, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_log_line_that_it_explains_is_one_that_the_program_writes()
    {
        var source = Regex.Replace(Joined().Replace(string.Concat(Sources("src")), ""), @"\{[^{}""\n]*(\{[^{}]*\}[^{}""\n]*)?\}", "…");
        var pieces = Rows("Operations: what to do when …").SelectMany(static row => Code(row[0]))
            .SelectMany(static line => Prefix().Replace(line, "").Split('…', StringSplitOptions.TrimEntries))
            .Where(static piece => piece.Length >= 12).ToList();

        Assert.NotEmpty(pieces);
        Assert.All(pieces, piece => Assert.Contains(piece, source, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_file_that_it_links_or_names_is_there()
    {
        var links = Link().Matches(Readme).Select(static link => link.Groups["to"].Value);
        var names = Rows("Where things are").SelectMany(static row => Code(row[1])).ToList();

        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(Root, link)), link));
        var files = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)).Select(Path.GetFileName).ToHashSet();
        Assert.All(names.Where(static name => name.EndsWith(".cs", StringComparison.Ordinal)), name => Assert.Contains(name, files));
        Assert.All(names.Where(static name => name.StartsWith("src/", StringComparison.Ordinal)), name => Assert.True(Path.Exists(Path.Combine(Root, name)), name));
    }

    [Fact]
    public void The_figures_quoted_are_those_that_were_measured()
    {
        var measured = Directory.EnumerateFiles(Path.Combine(Root, "tests/Streaming.Benchmarks/Results"), "scenarios.md", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).ToList();
        int[] partitions = [1, 4, 12];
        var found = Found().Matches(Readme);

        Assert.Equal(3, found.Count);
        foreach (Match row in found)
        {
            var cells = row.Value.Trim('|').Split(" | ");
            var rates = cells[0].Trim().Split(" + ");
            Assert.All(partitions, (count, i) => Assert.Contains(
                $"| {rates[0]} | +{rates[1]} | {count} | 20 of 20 | {cells[i + 1].Trim(' ', '|').Replace(", ", " | ")} | 0 |", measured));
        }

        // "no false trigger and no other false entry into Drift" of these scenarios, at 1 and at 12 partitions
        Assert.Contains("4,000,000 events each of `stable`, `seasonal` (daily cycle of inputs) and `sticky` (AR(1) 0.9 inputs), at 1 and at 12 partitions: no false", Readme, StringComparison.Ordinal);
        foreach (var scenario in (string[])["stable", "seasonal", "sticky"])
        {
            var rows = measured.Select(static line => line.Split('|', StringSplitOptions.TrimEntries)).Where(cells => cells[1] == scenario);
            Assert.Equal([("1", "0", "0"), ("12", "0", "0")], rows.Select(static cells => (cells[2], cells[5], cells[7])).OrderBy(static row => int.Parse(row.Item1)));
        }
    }

    [Fact]
    public void Every_command_of_driftd_that_it_shows_is_one_that_it_knows()
    {
        // what is left out or one of several is written as a reader sees it, not as a shell would
        var commands = CodeSpan().Matches(Regex.Replace(Readme, "```.*?```", "", RegexOptions.Singleline)).Select(static span => span.Groups["text"].Value)
            .Where(static text => text.StartsWith("driftd ", StringComparison.Ordinal)).Select(static text => text["driftd ".Length..])
            .Where(static text => !text.Contains('…', StringComparison.Ordinal) && !text.Contains('|', StringComparison.Ordinal)).Distinct().ToList();

        Assert.Contains("inspect --topic predictions", commands);
        foreach (var command in commands)
        {
            // a command that is only named lacks what it needs; one that is unknown or has an unknown option is wrong
            Assert.DoesNotContain(Program.Root().Parse(command).Errors, error => error.Message.Contains("Unrecognized", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Help_lists_a_sentence_a_command_and_the_command_teaches()
    {
        var root = await Driftd.RunAsync("--help");
        var detect = await Driftd.RunAsync("detect", "--help");

        Assert.Equal((0, 0), (root.ExitCode, detect.ExitCode));
        Assert.DoesNotContain("Examples:", root.Output, StringComparison.Ordinal);
        Assert.Contains("reports where they find a change.", root.Output, StringComparison.Ordinal);
        Assert.Contains("driftd detect errors.csv --column error", detect.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_it_shows_the_help_and_calls_the_usage_wrong()
    {
        var driftd = await Driftd.RunAsync();

        Assert.Equal((2, ""), (driftd.ExitCode, driftd.Output));
        Assert.Contains("Commands:", driftd.Error, StringComparison.Ordinal);
    }

    /// <summary>Names of the fields and their kinds, down to the elements of arrays.</summary>
    private static List<string> Fields(JsonElement json, string at = "") => json.ValueKind switch
    {
        JsonValueKind.Object => [.. json.EnumerateObject().SelectMany(property => Fields(property.Value, $"{at}/{property.Name}"))],
        JsonValueKind.Array => [.. json.EnumerateArray().SelectMany(element => Fields(element, at + "/0"))],
        _ => [$"{at} {json.ValueKind}"],
    };

    private static string Example(string name) => Regex.Match(Readme, $"```json {name}\n(?<text>.*?)```", RegexOptions.Singleline).Groups["text"].Value;

    private static List<string[]> Rows(string heading, string? page = null) =>
    [
        .. Regex.Match(page ?? Readme, $"^## {Regex.Escape(heading)}\n(?<text>.*?)(?=^## |\\z)", RegexOptions.Singleline | RegexOptions.Multiline).Groups["text"].Value.Split('\n')
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && (line.Contains('`', StringComparison.Ordinal) || line.StartsWith("| G", StringComparison.Ordinal)))
            .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)),
    ];

    private static IEnumerable<string> Code(string cell) => CodeSpan().Matches(cell).Select(static span => span.Groups["text"].Value);

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^\| \d+ % \+ \d+ points \|.*$", RegexOptions.Multiline)]
    private static partial Regex Found();


    [GeneratedRegex(@"\]\((?<to>[^)#:]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"""\s*\+\s*\$?""")]
    private static partial Regex Joined();

    [GeneratedRegex(@"^(error: |detect: \w+ )")]
    private static partial Regex Prefix();
}
