using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>What all distances must do.</summary>
public class DistanceContractTests
{
    public static TheoryData<string> Names => [.. DistanceSpec.Names];

    public static TheoryData<string> All => [.. DistanceSpec.Names, "chi2:binning=distinct", "psi:binning=equal", "js:binning=distinct,base=two", "mmd:features=64", "g:binning=equal,bins=100", "ks:method=none"];

    public static TheoryData<string> WithPValue => ["ks", "ks:method=asymptotic", "kuiper", "cvm", "ad", "chi2", "g", "fisher", "z", "mann-whitney", "mmd"];

    [Theory, MemberData(nameof(All))]
    public void Without_values_on_one_side_there_is_no_distance(string text)
    {
        var spec = DistanceSpec.Parse(text);

        Assert.Equal(new DistanceResult(spec.Name, double.NaN, null, 1), spec.Compute([], [double.NaN]));
        Assert.Equal(new DistanceResult(spec.Name, double.NaN, null, 2), spec.Compute([1, double.PositiveInfinity, 2], [double.NegativeInfinity]));
        Assert.Equal(new DistanceResult(spec.Name, double.NaN), spec.Compute([], [1, 2, 3]));
    }

    [Theory, MemberData(nameof(All))]
    public void What_is_no_number_is_left_out_and_counted(string text)
    {
        var spec = DistanceSpec.Parse(text);
        double[] reference = [.. Samples.Uniform(50, 1)], current = [.. Samples.Uniform(40, 2)];
        var expected = spec.Compute(reference, current) with { Ignored = 3 };

        Assert.Equal(expected, spec.Compute([double.NaN, .. reference], [.. current[..7], double.NegativeInfinity, .. current[7..], double.PositiveInfinity]));
    }

    [Theory, MemberData(nameof(All))]
    public void Equal_samples_and_equal_constants_have_no_distance(string text)
    {
        var spec = DistanceSpec.Parse(text);
        var none = spec.Name == "mann-whitney" ? 0.5 : 0;
        foreach (var values in (double[][])[[.. Samples.Uniform(60, 3)], [7, 7, 7], [1, 1, 2, 2, 2, 9]])
        {
            var (statistic, p) = (spec.Compute(values, values).Statistic, spec.Compute(values, values).PValue ?? 1);

            // the unbiased estimate of 0 lies below 0 here, since a value is its own nearest neighbour
            Assert.True(spec.Name == "mmd" ? statistic <= 1e-9 : statistic == none, $"{statistic}");
            Assert.InRange(p, spec.Name == "mann-whitney" ? 0.99 : 1 - 1e-9, 1);
        }

        Assert.Equal(none, spec.Compute([7, 7, 7, 7], [7, 7]).Statistic, 1e-9);
    }

    [Theory, MemberData(nameof(All))]
    public void Different_constants_have_one_and_it_is_no_NaN(string text)
    {
        var result = DistanceSpec.Parse(text).Compute([3, 3, 3, 3], [8, 8, 8]);
        var expected = result.Distance switch
        {
            "wasserstein" => 5,
            "wasserstein-normed" => double.PositiveInfinity,
            "ks" or "kuiper" or "tv" or "linf" or "hellinger" or "mann-whitney" => 1,
            "energy" => Math.Sqrt(10),
            "js" => text.Contains("two", StringComparison.Ordinal) ? 1 : Math.Sqrt(Math.Log(2)),
            "chi2" => 7,
            "fisher" or "z" => 0,
            _ => double.NaN,
        };

        Assert.False(double.IsNaN(result.Statistic));
        Assert.True(double.IsNaN(expected) ? result.Statistic > 0 : Math.Abs(expected - result.Statistic) < 1e-12 || expected == result.Statistic, $"{result.Statistic}");
        Assert.InRange(result.PValue ?? 0, 0, 1);
    }

    [Theory, MemberData(nameof(All))]
    public void A_reference_made_ready_once_gives_the_same_again_and_again(string text)
    {
        var spec = DistanceSpec.Parse(text);
        var (reference, near, far) = (Samples.Uniform(700, 5), Samples.Uniform(613, 6), Samples.Uniform(300, 7).Select(x => x * 2).ToArray());
        var prepared = new PreparedReference(reference);

        foreach (var current in (double[][])[near, far, near, [.. near.Reverse()]])
        {
            var (expected, actual) = (spec.Compute(reference, current), spec.Compute(prepared, current));
            Assert.Equal(expected.Statistic, actual.Statistic, 1e-12);
            Assert.Equal(expected.PValue, actual.PValue);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_greater_shift_is_a_greater_distance(string name)
    {
        var (reference, shifts) = (Samples.Uniform(800, 5), new double[] { 0, 0.1, 0.3 });
        var found = shifts.Select(shift => DistanceSpec.Parse(name).Compute(reference, [.. Samples.Uniform(700, 6).Select(x => x + shift)]).Statistic).ToArray();

        Assert.Equal(found.Order(), found);
        Assert.NotEqual(found[1], found[2]);
    }

    [Theory, MemberData(nameof(Names))]
    public void Doubling_every_value_changes_only_what_has_the_unit_of_the_values(string name)
    {
        var spec = DistanceSpec.Parse(name is "fisher" or "z" ? name + ":above=1" : name);
        var once = DistanceSpec.Parse(name).Compute(Samples.Uniform(300, 8), [.. Samples.Uniform(200, 9).Select(x => x + 0.25)]).Statistic;
        var twice = spec.Compute([.. Samples.Uniform(300, 8).Select(x => 2 * x)], [.. Samples.Uniform(200, 9).Select(x => 2 * x + 0.5)]).Statistic;

        Assert.Equal(once * (name == "wasserstein" ? 2 : name == "energy" ? Math.Sqrt(2) : 1), twice, 1e-9);
    }

    [Theory, MemberData(nameof(WithPValue))]
    public void Without_drift_one_p_value_in_twenty_lies_below_a_twentieth(string text)
    {
        const int runs = 600;
        var spec = DistanceSpec.Parse(text);
        var below = 0;
        for (var seed = 1; seed <= runs; seed++)
        {
            var values = Samples.Uniform(260, seed);
            below += spec.Compute(values.AsSpan(0, 150), values.AsSpan(150)).PValue <= 0.05 ? 1 : 0;
        }

        // four standard errors; what is exact over few tables or a bound may be rarer
        Assert.InRange(below / (double)runs, text is "fisher" ? 0.005 : text is "mmd" ? 0 : 0.05 - 0.036, 0.05 + 0.036);
    }

    [Theory]
    [InlineData("psi", 1)]
    [InlineData("kl", 0.5)]
    [InlineData("js", 0.125)]
    [InlineData("hellinger", 0.125)]
    public void The_scale_without_drift_is_the_one_that_is_declared(string name, double factor)
    {
        var (spec, sum) = (DistanceSpec.Parse(name), 0.0);
        for (var seed = 1; seed <= 200; seed++)
        {
            var values = Samples.Uniform(3_000, seed);
            var statistic = spec.Compute(values.AsSpan(0, 1_800), values.AsSpan(1_800)).Statistic;
            sum += name is "js" or "hellinger" ? statistic * statistic : statistic;
        }

        Assert.Equal(1, sum / 200 / (factor * 9 * (1 / 1_800.0 + 1 / 1_200.0)), 0.12);
    }

    [Theory]
    [InlineData("wasserstein-normed")]
    [InlineData("tv")]
    public void The_scale_without_drift_of_sums_of_absolute_values_is_the_one_that_is_declared(string name)
    {
        var (spec, sum) = (DistanceSpec.Parse(name), 0.0);
        for (var seed = 1; seed <= 200; seed++)
        {
            // sums of twelve are nearly normal
            var values = Samples.Uniform(12 * 2_000, seed).Chunk(12).Select(chunk => chunk.Sum()).ToArray();
            sum += spec.Compute(values.AsSpan(0, 1_000), values.AsSpan(1_000)).Statistic;
        }

        var scale = Math.Sqrt(1 / 1_000.0 + 1 / 1_000.0);
        Assert.Equal(1, sum / 200 / (name == "tv" ? 10 * Math.Sqrt(0.1 * 0.9 / (2 * Math.PI)) * scale : 1.29 * scale), 0.12);
    }

    [Theory, MemberData(nameof(Names))]
    public void Values_at_the_ends_of_the_range_do_no_harm(string name)
    {
        double[] reference = [-1.7e308, -1e300, 0, -0.0, 5e-324, 1, 1e308, 1.7e308], current = [1.7e308, 1.7e308, 0.0, -1.7e308];

        Assert.InRange(DistanceSpec.Parse(name).Compute(reference, current).PValue ?? 0, 0, 1);
    }
}
