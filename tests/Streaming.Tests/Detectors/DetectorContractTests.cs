using System.Buffers;
using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>What all detectors must do, over values and over elements.</summary>
public class DetectorContractTests
{
    private const int Length = 6_000;

    internal static readonly DetectorOptions[] All =
    [
        .. from profile in Enum.GetValues<Profile>()
           from options in (DetectorOptions[])
           [
               new AdwinOptions { Profile = profile }, new AdwinOptions { Profile = profile, OnDrift = AfterDrift.Reset }, new DdmOptions { Profile = profile },
               new PageHinkleyOptions { Profile = profile, Threshold = 20 }, new PageHinkleyOptions { Profile = profile, Threshold = 20, Direction = Direction.Both },
           ]
           select options,
    ];

    public static TheoryData<DetectorOptions> Every => new(All);

    public static TheoryData<DetectorOptions, string> Wrong => new()
    {
        { new AdwinOptions { Delta = 0 }, "Delta" }, { new AdwinOptions { Delta = 1 }, "Delta" }, { new AdwinOptions { Direction = 0 }, "direction" },
        { new DdmOptions { MinCount = 0 }, "MinCount" }, { new DdmOptions { WarningLevel = 4 }, "driftLevel" }, { new DdmOptions { DriftLevel = -1 }, "DriftLevel" },
        { new PageHinkleyOptions { Threshold = 0 }, "Threshold" }, { new PageHinkleyOptions { Forgetting = 1.5 }, "Forgetting" },
        { new PageHinkleyOptions { Tolerance = -1 }, "Tolerance" }, { new PageHinkleyOptions { MinCount = 0 }, "MinCount" },
    };

    [Theory]
    [MemberData(nameof(Every))]
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
    public void Options_outside_their_range_are_refused_by_name(DetectorOptions options, string name) =>
        Assert.Contains(name, Assert.ThrowsAny<Exception>(() => options.Create()).Message, StringComparison.Ordinal);

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
