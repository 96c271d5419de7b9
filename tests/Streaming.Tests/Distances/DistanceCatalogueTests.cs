using Streaming.Drift;

namespace Streaming.Tests;

public class DistanceCatalogueTests
{
    [Fact]
    public void Each_distance_says_all_there_is_to_say_and_measures_under_its_name() =>
        Assert.All(DistanceSpec.All, distance =>
        {
            Assert.All((string[])[distance.Measures, distance.Unit, distance.Range, distance.Law, distance.Source], Assert.NotEmpty);
            Assert.Equal(distance.Name, DistanceSpec.Parse(distance.Name).Compute([1, 2, 3], [2, 3]).Distance);
        });

    [Fact]
    public void A_law_that_promises_a_p_value_gives_one_and_the_others_do_not() =>
        Assert.All(DistanceSpec.All, distance => Assert.Equal(
            distance.Law.StartsWith("p-value: ", StringComparison.Ordinal), DistanceSpec.Parse(distance.Name).Compute([1, 2, 3], [2, 3, 4]).PValue is not null));

    [Fact]
    public void Every_option_that_is_read_is_declared() =>
        Assert.All(DistanceSpec.All, distance =>
        {
            var message = Assert.Throws<FormatException>(() => DistanceSpec.Parse($"{distance.Name}:unknown=1")).Message;
            Assert.EndsWith("one of the keys " + string.Join(", ", distance.Options.Select(option => option.Key).Order()), Sorted(message));
        });

    private static string Sorted(string message)
    {
        var at = message.LastIndexOf("keys ", StringComparison.Ordinal) + "keys ".Length;
        return message[..at] + string.Join(", ", message[at..].Split(", ").Distinct().Order());
    }
}
