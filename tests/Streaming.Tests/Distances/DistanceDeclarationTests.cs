using Streaming.Drift;

namespace Streaming.Tests;

public class DistanceDeclarationTests
{
    public static IEnumerable<object[]> Options => DistanceSpec.All.SelectMany(distance => distance.Options.Select(option => (object[])[distance.Name, option.Key]));

    [Theory, MemberData(nameof(Options))]
    public void The_declared_default_is_the_one_in_force_and_the_declared_range_is_kept(string name, string key)
    {
        var option = DistanceSpec.All.Single(distance => distance.Name == name).Options.Single(option => option.Key == key);
        double[] reference = Samples.Uniform(80, 1), current = Samples.Uniform(60, 2);

        Assert.Equal(DistanceSpec.Parse(name).Compute(reference, current), DistanceSpec.Parse($"{name}:{key}={option.Default}").Compute(reference, current));
        var wrong = option.Range is "any" ? "NaN" : option.Range.StartsWith("at least", StringComparison.Ordinal) ? "-1" : option.Range.Contains(" to ", StringComparison.Ordinal) ? "1e99" : "perhaps";
        Assert.Contains($"{name}: {key}={wrong}: expected", Assert.Throws<FormatException>(() => DistanceSpec.Parse($"{name}:{key}={wrong}")).Message);
        Assert.All((string[])[option.Meaning, option.Unit, option.Range], Assert.NotEmpty);
    }
}
