using System.Buffers;
using System.Text;
using Streaming.Drift;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

public class PerformanceStreamTests(ITestOutputHelper output)
{
    [Fact]
    public void A_pane_of_256_scores_takes_few_bytes_more()
    {
        var (stream, random) = (new PerformanceStream(), new SplitMix(4));
        for (var i = 0; i < 256; i++)
        {
            var score = random.Next();
            stream.Observe(Binary(score, random.Next() < score), ModelTask.Binary, double.NaN);
        }

        var bytes = PerformanceCodec.Encode(stream.Take()!).Length;

        output.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 100, 500);
        Assert.Null(stream.Take());
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void A_regression_that_began_like_a_classification_is_saved_and_read(double first)
    {
        var stream = new PerformanceStream();
        stream.Observe(Binary(0.4, first == 1), ModelTask.Binary, double.NaN);
        stream.Observe(Binary(0.4, false) with { LabelNumber = 3.7 }, ModelTask.Regression, double.NaN);
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        stream.Save(ref writer);

        var read = new PerformanceStream();
        var reader = new StateReader(bytes.WrittenSpan);
        read.Load(ref reader);

        reader.RequireEnd();
        Assert.Equal(PerformanceCodec.Encode(stream.Take()!), PerformanceCodec.Encode(read.Take()!));
    }

    [Fact]
    public void Classes_beyond_the_limit_are_one_and_right_and_wrong_stay_exact()
    {
        var (stream, right) = (new PerformanceStream(), 0);
        for (var i = 0; i < 1_000; i++)
        {
            var (label, predicted) = ("k" + (i % 50), "k" + (i % 7 == 0 ? (i + 1) % 50 : i % 50));
            right += label == predicted ? 1 : 0;
            stream.Observe(Class(label, predicted), ModelTask.MultiClass, double.NaN);
        }

        var classes = stream.Take()!.Classes!;
        Assert.Equal((ClassCounts.Most + 1, 1_000L, (long)right), (classes.Classes, classes.Count, classes.Right));
        Assert.Equal((double)right / 1_000, new ClassFigures(classes).Accuracy);
        Assert.Equal(0.36, new ClassFigures(classes).Share(0), 6);
    }

    [Fact]
    public void Delays_are_told_by_class_to_an_eighth_of_their_value()
    {
        var stream = new PerformanceStream();
        for (var i = 1; i <= 1_000; i++)
        {
            stream.Observe(Binary(0.3, i % 2 == 0) with { LabelDelay = i % 2 == 0 ? i * 1_000L : 0 }, ModelTask.Binary, double.NaN);
        }

        var sums = stream.Take()!;
        var late = sums.Delays.Of(PerformanceSums.Positive);
        Assert.InRange(DelayCounts.Quantile(late, 0, 0.5), 500 * 7 / 8.0, 500 * 9 / 8.0);
        Assert.InRange(DelayCounts.Quantile(late, 500, 0.9), 800 * 7 / 8.0, 800 * 9 / 8.0);
        Assert.Equal(0, DelayCounts.Quantile(late, 500, 0.5));
        Assert.True(sums.Delays.Of(PerformanceSums.Negative).IsEmpty);
    }

    [Theory]
    [InlineData(ModelTask.Binary)]
    [InlineData(ModelTask.MultiClass)]
    [InlineData(ModelTask.Regression)]
    public void It_goes_on_from_saved_bytes_as_if_nothing_had_been(ModelTask task)
    {
        var (one, other) = (new PerformanceStream(), new PerformanceStream());
        for (var i = 0; i < 300; i++)
        {
            Feed(one, task, i);
            Feed(other, task, i);
            if (i % 40 == 17)
            {
                other = Copy(other);
            }

            if (i % 100 == 99)
            {
                Assert.Equal(PerformanceCodec.Encode(one.Take()!), PerformanceCodec.Encode(other.Take()!));
            }
        }
    }

    private static void Feed(PerformanceStream stream, ModelTask task, int i)
    {
        var x = i * 37 % 101 / 101.0;
        var labelled = task == ModelTask.MultiClass ? Class("k" + (i % 5), "k" + (i % 4)) : Binary(x, i % 3 == 0);
        stream.Observe(labelled with { LabelDelay = i * 500 }, task, task == ModelTask.Regression && i > 20 ? x : double.NaN);
    }

    private static PerformanceStream Copy(PerformanceStream stream)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        stream.Save(ref writer);
        var reader = new StateReader(bytes.WrittenSpan);
        var copy = new PerformanceStream();
        copy.Load(ref reader);
        reader.RequireEnd();
        return copy;
    }

    private static LabelledPrediction Binary(double score, bool label) => new()
    {
        PredictionKind = FieldKind.Number,
        PredictionNumber = score,
        TopProbability = double.NaN,
        LabelKind = FieldKind.Number,
        LabelNumber = label ? 1 : 0,
    };

    private static LabelledPrediction Class(string label, string predicted) => new()
    {
        PredictionKind = FieldKind.Text,
        PredictionNumber = double.NaN,
        PredictionText = Encoding.UTF8.GetBytes(predicted),
        TopProbability = double.NaN,
        LabelKind = FieldKind.Text,
        LabelNumber = double.NaN,
        LabelText = Encoding.UTF8.GetBytes(label),
    };
}
