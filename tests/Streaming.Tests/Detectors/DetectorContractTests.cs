using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>What all detectors must do, over values and over elements.</summary>
public class DetectorContractTests
{
    private const int Length = 6_000;

    private static readonly string[] Controls = ["always", "never", "periodic"];

    /// <summary>Every detector at its defaults in every profile that changes it, and what only other options reach. The controls are not among them.</summary>
    internal static readonly DetectorOptions[] All =
    [
        .. from profile in Enum.GetValues<Profile>()
           from text in (string[])
           [
               .. DetectorSpec.Names.Except(Controls), "adwin:onDrift=reset", "page-hinkley:threshold=20", "page-hinkley:threshold=20,direction=both",
               "rddm:maxConcept=1000,kept=300", "hddm-a:direction=both", "hddm-w:direction=both", "cusum:threshold=10,direction=both", "gma:threshold=0.2,direction=both",
               "stepd:direction=both", "ecdd:runLength=100", "ecdd:runLength=1000", "fhddm:direction=both", "fhddms:direction=both", "mddm-a:direction=both",
               "mddm-g:window=50", "shewhart:group=1,driftLevel=1.5,warningLevel=1.2", "kswin:sampling=none", "kswin:direction=up", "bocd:model=bernoulli", "bocd:runs=10",
           ]
           let spec = DetectorSpec.Parse(text, profile)
           where profile == Profile.Default || spec.Kind.Profiles.Length > 0
           select spec.Options,
    ];

    // made for values around 0 and 1; GMA's default threshold is for larger movements than a rate can make
    private static readonly string[] MirrorableNames =
    [
        "adwin", "adwin:onDrift=reset", "page-hinkley:threshold=20", "cusum:threshold=10", "cusum-tabular", "gma:threshold=0.2", "ewma", "shewhart", "kswin:sampling=none",
        "hddm-a", "hddm-w", "bocd",
    ];

    public static TheoryData<DetectorOptions> Every => new(All);

    public static TheoryData<string> Mirrorable => new(MirrorableNames);

    public static TheoryData<DetectorOptions> WithControls => new(All.Concat(Controls.Select(static name => DetectorSpec.Parse(name).Options)));

    /// <summary>Every option of every detector below, above and beside its range.</summary>
    public static IEnumerable<object[]> Wrong =>
        from kind in DetectorSpec.All
        from option in kind.Options
        from value in option.Least is { } least
            ? (string[])[Text(least - Math.Max(1, Math.Abs(least))), .. option.Most < double.MaxValue ? [Text((double)option.Most * 2)] : Array.Empty<string>(), "NaN", "-Infinity", "many"]
            : ["none of these", "7"]
        select new object[] { kind.Name, $"{option.Name}={value}" };

    public static TheoryData<DetectorOptions, string> WrongInCode => new()
    {
        { new AdwinOptions { Delta = 0 }, "Delta" }, { new AdwinOptions { Delta = 1 }, "Delta" }, { new AdwinOptions { Direction = 0 }, "direction" },
        { new AdwinOptions { Profile = Profile.Moa, Direction = Direction.Down }, "direction" }, { new DdmOptions { MinCount = 0 }, "MinCount" },
        { new DdmOptions { WarningLevel = 4 }, "driftLevel" }, { new DdmOptions { DriftLevel = -1 }, "DriftLevel" }, { new DdmOptions { Direction = Direction.Down }, "direction" },
        { new PageHinkleyOptions { Threshold = 0 }, "Threshold" }, { new PageHinkleyOptions { Forgetting = 1.5 }, "Forgetting" },
        { new PageHinkleyOptions { Tolerance = double.NaN }, "Tolerance" }, { new PageHinkleyOptions { MinCount = 0 }, "MinCount" },
        { new EddmOptions { DriftLevel = 0.97 }, "driftLevel" }, { new EddmOptions { Direction = Direction.Both }, "direction" },
        { new RddmOptions { DriftLevel = 1 }, "driftLevel" }, { new RddmOptions { Direction = Direction.Down }, "direction" },
        { new HddmAOptions { DriftConfidence = 0.01 }, "driftConfidence" }, { new HddmWOptions { DriftConfidence = 0.01 }, "driftConfidence" },
        { new StepdOptions { DriftConfidence = 0.1 }, "driftConfidence" }, { new MddmAOptions { DriftConfidence = 0.1 }, "driftConfidence" },
        { new MddmEOptions { Growth = 2, Window = 10_000 }, "window" }, { new EcddOptions { RunLength = 200 }, "RunLength" },
        { new EcddOptions { Direction = Direction.Both }, "direction" }, { new EwmaOptions { DriftLevel = 1 }, "driftLevel" }, { new ShewhartOptions { DriftLevel = 1 }, "driftLevel" },
        { new FhddmsOptions { ShortWindow = 100 }, "shortWindow" }, { new KswinOptions { Newest = 60 }, "newest" }, { new BocdOptions { DriftLevel = 0.1 }, "driftLevel" },
    };

    [Theory]
    [MemberData(nameof(WithControls))]
    public void Stopping_and_restoring_changes_no_answer(DetectorOptions options)
    {
        var values = Values().ToArray();
        var whole = options.Create();
        var answers = values.Select(value => (whole.Update(value), whole.Evidence)).ToArray();
        var drift = Array.FindIndex(answers, answer => answer.Item1 == DriftLevel.Drift);
        foreach (var cut in (int[])[0, 1, 40, drift + 1, drift + 2, Length / 2, Length - 1])
        {
            var first = options.Create();
            foreach (var value in values.AsSpan(0, cut))
            {
                first.Update(value);
            }

            var second = options.Create();
            Load(second, Save(first));
            Assert.Equal(Save(first), Save(second));
            Assert.Equal(answers[cut..], values[cut..].Select(value => (second.Update(value), second.Evidence)));
        }
    }

    [Fact]
    public void Stopping_and_restoring_changes_no_answer_over_elements()
    {
        var elements = Streams.Bernoulli(5, (40_000, 0.1), (40_000, 0.5), (40_000, 0.2)).Elements(64).ToArray();
        foreach (var create in (Func<IElementDetector>[])[() => new ElementAdwin(new()), () => new ElementPageHinkley(new())])
        {
            var whole = create();
            var answers = elements.Select(element => (whole.Update(element), whole.Evidence, whole.Estimate, whole.ChangeElements)).ToArray();
            var drift = Array.FindIndex(answers, answer => answer.Item1 == DriftLevel.Drift);
            foreach (var cut in (int[])[0, 1, 7, drift + 1, drift + 2, elements.Length / 2, elements.Length - 1])
            {
                var (first, second, bytes) = (create(), create(), new ArrayBufferWriter<byte>());
                foreach (var element in elements.AsSpan(0, cut))
                {
                    first.Update(element);
                }

                var writer = new StateWriter(bytes);
                first.Save(ref writer);
                var reader = new StateReader(bytes.WrittenSpan);
                second.Load(ref reader);
                Assert.Equal(0, reader.Remaining);
                Assert.Equal(answers[cut..], elements[cut..].Select(element => (second.Update(element), second.Evidence, second.Estimate, second.ChangeElements)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Options_outside_their_range_are_refused_by_name(string name, string option)
    {
        var message = Assert.Throws<FormatException>(() => DetectorSpec.Parse($"{name}:{option}")).Message;

        Assert.StartsWith($"{name}: {option}: expected ", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongInCode))]
    public void Options_in_code_are_refused_by_name(DetectorOptions options, string name) =>
        Assert.Contains(name, Assert.Throws<ValidationException>(() => options.Create()).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(WithControls))]
    public void A_value_that_is_no_finite_number_changes_nothing(DetectorOptions options)
    {
        var (with, without) = (options.Create(), options.Create());
        foreach (var value in Values())
        {
            var level = without.Update(value);
            Assert.Equal(level, with.Update(value));
            foreach (var odd in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity])
            {
                Assert.Equal(level, with.Update(odd));
            }
        }

        Assert.Equal(Save(without), Save(with));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void A_constant_stream_is_silent(DetectorOptions options)
    {
        // MOA's STEPD divides by the variance of equal values: the profile does what MOA does
        if (options is StepdOptions { Profile: Profile.Moa })
        {
            Assert.NotEmpty(Enumerable.Repeat(1.0, 100).DriftsOf(options.Create()));
            return;
        }

        foreach (var value in (double[])[0, 1, 0.1])
        {
            var detector = options.Create();
            for (var i = 0; i < 100_000; i++)
            {
                Assert.InRange(detector.Update(value), DriftLevel.Learning, DriftLevel.Stable);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Mirrorable))]
    public void Negated_values_give_the_same_answers_the_other_way_round(string name)
    {
        var comma = name.Contains(':', StringComparison.Ordinal) ? ',' : ':';
        var (drifts, values) = (0, Streams.Uniform(3, (1_500, 0), (1_500, 0.6), (1_500, 0.1)).ToArray());
        foreach (var (one, other) in ((string, string)[])[("up", "down"), ("down", "up"), ("both", "both")])
        {
            var (plain, negated) = (DetectorSpec.Parse($"{name}{comma}direction={one}").Options.Create(), DetectorSpec.Parse($"{name}{comma}direction={other}").Options.Create());
            foreach (var value in values)
            {
                var level = plain.Update(value);
                drifts += level == DriftLevel.Drift ? 1 : 0;
                Assert.Equal(level, negated.Update(-value));
                if (level == DriftLevel.Drift)
                {
                    var (a, b) = (plain.Evidence, negated.Evidence);
                    Assert.Equal((a.Statistic, a.Threshold, a.Before, a.After, a.Count, a.ChangeAge), (b.Statistic, b.Threshold, -b.Before, -b.After, b.Count, b.ChangeAge));
                    Assert.Equal(a.Direction, b.Direction ^ Direction.Both);
                }
            }
        }

        Assert.InRange(drifts, 3, 100);
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void The_evidence_of_a_drift_says_what_changed(DetectorOptions options)
    {
        var (detector, drifts) = (options.Create(), 0);
        foreach (var value in Values())
        {
            if (detector.Update(value) != DriftLevel.Drift)
            {
                continue;
            }

            drifts++;
            var evidence = detector.Evidence;
            Assert.InRange(evidence.ChangeAge, 1, evidence.Count);
            Assert.True(evidence.Direction is Direction.Up or Direction.Down, $"direction {evidence.Direction}");

            // EDDM sees distances and ECDD newest values, not means: their warning may begin before the mean moves
            Assert.True(options is EddmOptions or EcddOptions || evidence.Direction == Direction.Up == evidence.After > evidence.Before, $"{evidence}");
            Assert.True(double.IsFinite(evidence.Statistic) && double.IsFinite(evidence.Threshold), "statistic and threshold are numbers");
        }

        Assert.True(drifts > 0 || options is GmaOptions { Threshold: 1 }, "no drift");
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void State_of_another_version_is_refused(DetectorOptions options)
    {
        var bytes = Save(options.Create());
        bytes[0] = 99;

        Assert.Contains("expected version 1, found 99", Assert.Throws<InvalidDataException>(() => Load(options.Create(), bytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void State_that_is_cut_short_is_refused(DetectorOptions options)
    {
        var detector = options.Create();
        foreach (var value in Values().Take(500))
        {
            detector.Update(value);
        }

        var bytes = Save(detector);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Load(options.Create(), bytes[..length]));
        }
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<double> Values() => Streams.Bernoulli(11, (2_500, 0.1), (1_500, 0.6), (2_000, 0.2));

    private static byte[] Save(IDriftDetector detector)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        detector.Save(ref writer);
        return bytes.WrittenSpan.ToArray();
    }

    private static void Load(IDriftDetector detector, byte[] bytes)
    {
        var reader = new StateReader(bytes);
        detector.Load(ref reader);
        Assert.Equal(0, reader.Remaining);
    }
}
