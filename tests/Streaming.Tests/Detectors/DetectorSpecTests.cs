using System.ComponentModel.DataAnnotations;
using Streaming.Drift;

namespace Streaming.Tests;

public class DetectorSpecTests
{
    public static TheoryData<string, Profile, DetectorOptions> Written => new()
    {
        { "adwin", Profile.Default, new AdwinOptions() },
        { "adwin", Profile.River, new AdwinOptions { Profile = Profile.River } },
        { "adwin:delta=0.01,onDrift=reset", Profile.Moa, new AdwinOptions { Delta = 0.01, OnDrift = AfterDrift.Reset, Profile = Profile.Moa } },
        { "adwin: onDrift=shrink , direction=down", Profile.Default, new AdwinOptions { OnDrift = AfterDrift.Shrink, Direction = Direction.Down } },
        { "ddm", Profile.Default, new DdmOptions() },
        { "ddm:minCount=50,warningLevel=1.5,driftLevel=2.5", Profile.Moa, new DdmOptions { MinCount = 50, WarningLevel = 1.5, DriftLevel = 2.5, Profile = Profile.Moa } },
        { "ddm:direction=up", Profile.Default, new DdmOptions() },
        { "page-hinkley", Profile.Default, new PageHinkleyOptions() },
        {
            "page-hinkley:tolerance=0.01,threshold=20,forgetting=1,minCount=100,clip=false,direction=both", Profile.Default,
            new PageHinkleyOptions { Tolerance = 0.01, Threshold = 20, Forgetting = 1, MinCount = 100, Clip = false, Direction = Direction.Both }
        },
        { "ecdd:runLength=1000,weight=0.1", Profile.Moa, new EcddOptions { RunLength = 1_000, Weight = 0.1, Profile = Profile.Moa } },
        { "kswin:sampling=none,seed=3", Profile.Default, new KswinOptions { Sampling = KswinSampling.None, Seed = 3 } },
        { "mddm-e:growth=0.02,direction=both", Profile.Default, new MddmEOptions { Growth = 0.02, Direction = Direction.Both } },
        { "page-hinkley:clip=true", Profile.River, new PageHinkleyOptions { Clip = true, Profile = Profile.River } },
    };

    [Theory, MemberData(nameof(Written))]
    public void Options_are_understood_as_written(string text, Profile profile, DetectorOptions expected) =>
        Assert.Equal(expected, DetectorSpec.Parse(text, profile).Options);

    [Theory]
    [InlineData("", "detector '': expected one of adwin, ddm, eddm")]
    [InlineData("cusum2", "detector 'cusum2': expected one of adwin, ddm, eddm")]
    [InlineData("ecdd:runLength=5", "ecdd: runLength=5: expected a whole number from 100 to 1000")]
    [InlineData("kswin:sampling=all", "kswin: sampling=all: expected random, none")]
    [InlineData("mddm-g:difference=1", "mddm-g: difference=1: expected one of the keys direction, window, warningConfidence, driftConfidence, ratio")]
    [InlineData("adwin:delta=2", "adwin: delta=2: expected a number from 1E-12 to 0.999")]
    [InlineData("adwin:delta=small", "adwin: delta=small")]
    [InlineData("adwin:delta=NaN", "adwin: delta=NaN")]
    [InlineData("adwin:onDrift=stop", "adwin: onDrift=stop: expected shrink, reset")]
    [InlineData("adwin:direction=none", "adwin: direction=none: expected up, down, both")]
    [InlineData("adwin:threshold=3", "adwin: threshold=3: expected one of the keys direction, delta, onDrift")]
    [InlineData("adwin:delta", "adwin: expected key=value, found 'delta'")]
    [InlineData("adwin:delta=0.1,delta=0.2", "'delta' stands there twice")]
    [InlineData("ddm:minCount=1", "ddm: minCount=1: expected a whole number from 2 to 1000000")]
    [InlineData("page-hinkley:threshold=0", "page-hinkley: threshold=0: expected a number above 0")]
    [InlineData("page-hinkley:tolerance=-1", "page-hinkley: tolerance=-1: expected a number of at least 0")]
    [InlineData("page-hinkley:threshold=Infinity", "threshold=Infinity")]
    [InlineData("page-hinkley:clip=yes", "page-hinkley: clip=yes: expected true, false")]
    public void What_is_wrong_is_named(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => DetectorSpec.Parse(text)).Message);

    [Theory]
    [InlineData("ddm:direction=down", "direction = Down: DDM sees rises only")]
    [InlineData("ddm:warningLevel=3,driftLevel=2", "driftLevel = 2: must be at least warningLevel = 3")]
    public void Options_that_do_not_fit_together_are_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ValidationException>(() => DetectorSpec.Parse(text)).Message);

    [Fact]
    public void A_direction_that_a_profile_never_reports_is_refused() =>
        Assert.Contains("the profile moa reports rises only", Assert.Throws<ValidationException>(() => DetectorSpec.Parse("adwin:direction=down", Profile.Moa)).Message);

    [Fact]
    public void Each_name_is_understood_without_options() =>
        Assert.All(DetectorSpec.Names, name => Assert.Equal((name, name), (DetectorSpec.Parse(name).Name, $"{DetectorSpec.Parse(name)}")));
}
