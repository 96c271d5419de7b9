using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class PaneCodecTests
{
    [Fact]
    public void A_pane_comes_back_as_it_was()
    {
        var bytes = PaneCodec.Encode(Full());

        Assert.Equal(bytes, PaneCodec.Encode(PaneCodec.Decode(bytes)));
        var back = PaneCodec.Decode(bytes);
        Assert.Equal((Full().Model, Full().Task, Full().Events, Full().Watermark), (back.Model, back.Task, back.Events, back.Watermark));
        Assert.Equal(Full().Spans, back.Spans);
        Assert.Equal(PerformanceCodec.Encode(Full().Performance!), PerformanceCodec.Encode(back.Performance!));
        Assert.Equal((2, 3, 1), (back.Performance!.Count, back.Performance.Scores!.Count, back.Performance.Classes!.OnlyLastRight));
        Assert.Equal(Full().Levels, back.Levels);
        Assert.Equal(Full().Streams[1].Histogram, back.Streams[1].Histogram);
        Assert.Equal(Full().Streams[2].Reference!.Categories, back.Streams[2].Reference!.Categories);
    }

    [Fact]
    public void Any_byte_cut_off_is_refused_and_none_is_read_beyond()
    {
        var bytes = PaneCodec.Encode(Full());

        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = length;
            Assert.Throws<InvalidDataException>(() => PaneCodec.Decode(bytes.AsSpan(0, cut)));
        }

        Assert.Throws<InvalidDataException>(() => PaneCodec.Decode([.. bytes, 0]));
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        var bytes = PaneCodec.Encode(Full());
        bytes[0] = 9;

        var error = Assert.Throws<InvalidDataException>(() => PaneCodec.Decode(bytes));
        Assert.Equal("pane: expected version 3, found 9", error.Message);
    }

    [Fact]
    public void Flipped_bytes_never_end_in_anything_but_a_pane_or_a_refusal()
    {
        var bytes = PaneCodec.Encode(Full());
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var broken = (byte[])bytes.Clone();
            broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                PaneCodec.Decode(broken);
            }
            catch (InvalidDataException)
            {
                // the refusal that is meant
            }
        }
    }

    private static Pane Full()
    {
        var dense = new long[NumericReference.Bins];
        Array.Fill(dense, 300);
        var performance = new PerformanceSums(ModelTask.Binary);
        performance.Classes!.Add(PerformanceSums.Positive, PerformanceSums.Negative, right: false);
        performance.Classes.AddLast(PerformanceSums.Positive, PerformanceSums.Positive, lastRight: true, modelRight: false);
        performance.Classes.Add(performance.Classes.IndexOf("crédit"u8), 0, right: false);
        performance.Scores!.AddBinary(0.4, positive: true);
        performance.Scores.AddBinary(0.99995, positive: true);
        performance.Scores.AddBinary(0.99995, positive: false);
        performance.Delays.Add(PerformanceSums.Positive, 86_400_000);
        var sparse = new long[NumericReference.Bins];
        sparse[59] = 2;
        return new Pane
        {
            Model = "crédit",
            Version = "1",
            Task = ModelTask.Binary,
            End = PaneEnd.Level,
            ErrorLevel = DriftLevel.Drift,
            Events = 256,
            Labels = 200,
            FirstTime = -5,
            Watermark = 1_795_305_600_000,
            Spans = [new OffsetSpan("predictions", 3, 1_000, 1_256, Guid.Parse("0198f9c4-1111-7222-8333-444455556666")), new OffsetSpan("labels", 3, 7, 9)],
            Streams =
            [
                new StreamPane("error", StreamKind.Error) { Count = 200, Mean = 0.11, M2 = 19.58, Max = 1 },
                new StreamPane("feature:amount", StreamKind.Numeric)
                {
                    Count = 18_000, Missing = 3, Mean = 1.5, M2 = 2, Min = -1, Max = 9, U = new Element(18_000, 0.5, 1_500), Histogram = dense,
                    Reference = new StreamReference(2_000, 1.4, -0.0001, new double[NumericReference.Bins], null, 0),
                },
                new StreamPane("feature:purpose", StreamKind.Categorical)
                {
                    Count = 10, U = new Element(10, 0.4, 0.2), Categories = [new(1, 4), new(ulong.MaxValue, 5)], NewCategories = 1,
                    Reference = new StreamReference(2_000, 0, 0, null, [new CategoryShare(1, 1_200, "car"), new CategoryShare(2, 800, "")], 0.01),
                },
                new StreamPane("feature:rare", StreamKind.Numeric) { Count = 2, U = new Element(2, 1, 0), Histogram = sparse },
                new StreamPane("missing", StreamKind.Share),
            ],
            Performance = performance,
            Levels = [new LevelChange("error", "adwin", DriftLevel.Drift, 1_255, -5, new Evidence(0.2, 0.1, 0.1, 0.3, 512, 64, Direction.Up))],
        };
    }
}
