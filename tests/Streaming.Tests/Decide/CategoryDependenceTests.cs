using Streaming.Monitoring;

namespace Streaming.Tests;

public class CategoryDependenceTests
{
    private static readonly double[] Expected = [0.5, 0.3, 0.2];

    [Fact]
    public void Independent_values_have_a_ratio_near_one() => Assert.InRange(RatioOf(repeats: 1), 1, 1.8);

    [Fact]
    public void Values_that_come_in_runs_of_ten_have_a_ratio_near_ten() => Assert.InRange(RatioOf(repeats: 10), 8, 18);

    [Fact]
    public void A_few_rounds_are_trusted_less_than_many()
    {
        var (few, many) = (Dependence.UpperBound(2, 7), Dependence.UpperBound(2, 60));

        Assert.True(few > many && many > 2, $"{few} after 7 differences, {many} after 60");
    }

    [Fact]
    public void A_round_has_no_neighbour_where_categories_are_told_apart_anew()
    {
        var dependence = new CategoryDependence();

        dependence.Add(Expected, [900, 50, 50], 1_000);
        dependence.Separate();
        dependence.Add(Expected, [50, 50, 900], 1_000);

        Assert.Equal(1, dependence.Ratio);
    }

    private static double RatioOf(int repeats)
    {
        var (random, dependence) = (new SplitMix(11), new CategoryDependence());
        for (var round = 0; round < 400; round++)
        {
            var counts = new long[3];
            for (var i = 0; i < 1_000 / repeats; i++)
            {
                counts[random.Next() switch { < 0.5 => 0, < 0.8 => 1, _ => 2 }] += repeats;
            }

            dependence.Add(Expected, counts, 1_000);
        }

        return dependence.Ratio;
    }
}
