using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>Changes of labels where predictions are alike, and changes of inputs alone.</summary>
public class LabelShiftTests(ITestOutputHelper output)
{
    private const int Runs = 400;

    [Theory]
    [InlineData(ModelTask.Binary)]
    [InlineData(ModelTask.MultiClass)]
    [InlineData(ModelTask.Regression)]
    public void Inputs_that_move_to_where_the_model_is_worse_are_no_change_of_labels(ModelTask task)
    {
        // the error doubles because most events now lie where it was high from the beginning
        var found = Enumerable.Range(0, Runs).Count(seed => Moved(task, seed, center: 0.8, wrongMore: 0));

        output.WriteLine($"{task}: {found} of {Runs}");
        Assert.InRange(found, 0, 2);
    }

    [Theory]
    [InlineData(ModelTask.Binary)]
    [InlineData(ModelTask.MultiClass)]
    [InlineData(ModelTask.Regression)]
    public void Labels_that_change_where_predictions_are_alike_are_found(ModelTask task)
    {
        var found = Enumerable.Range(0, Runs).Count(seed => Moved(task, seed, center: 0.5, wrongMore: 0.12));

        output.WriteLine($"{task}: {found} of {Runs}");
        Assert.InRange(found, Runs * 95 / 100, Runs);
    }

    [Fact]
    public void Too_few_labels_say_nothing() =>
        Assert.Null(LabelShift.Measure(Sums(ModelTask.Binary, 1, 2_000, 0.5, 0), Sums(ModelTask.Binary, 2, 199, 0.5, 0.5), 1, LabelShift.Unasked));

    private static bool Moved(ModelTask task, int seed, double center, double wrongMore) =>
        LabelShift.Measure(Sums(task, 2 * seed, 2_000, 0.5, 0), Sums(task, (2 * seed) + 1, 1_000, center, wrongMore), 1, LabelShift.Unasked) is { } found &&
        found.Value >= found.Threshold;

    /// <summary>Events whose prediction tells how wrong it may be: x gathers about the center, the chance of an error (or its size) rises with the tenth of x.</summary>
    private static PerformanceSums Sums(ModelTask task, int seed, int count, double center, double wrongMore)
    {
        var (random, sums) = (new SplitMix(seed), new PerformanceSums(task));
        for (var i = 0; i < count; i++)
        {
            var x = Math.Clamp(center + ((random.Next() + random.Next() - 1) * 0.5), 0, 0.999);
            var rate = (0.05 + (0.03 * Math.Floor(x * 10))) + wrongMore;
            var wrong = random.Next() < rate;
            if (sums.Distances is { } distances)
            {
                distances.Add(x, x + (rate * (random.Next() - random.Next())), x);
            }
            else if (task == ModelTask.Binary)
            {
                var (predicted, label) = (x >= 0.5, x >= 0.5 != wrong);
                sums.Scores!.AddBinary(x, label);
                sums.Classes!.Add(label ? 2 : 1, predicted ? 2 : 1, !wrong);
            }
            else
            {
                var name = (int)(x * 10);
                var predicted = sums.Classes!.IndexOf([(byte)('a' + name)]);
                sums.Classes.Add(wrong ? sums.Classes.IndexOf("z"u8) : predicted, predicted, !wrong);
            }
        }

        return sums;
    }
}
