using System.Buffers;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class LearningSampleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(3_999)]
    [InlineData(4_000)]
    [InlineData(4_001)]
    [InlineData(8_003)]
    [InlineData(20_001)]
    public void A_sample_that_was_saved_keeps_the_same_values_as_one_that_was_not(int cut)
    {
        var (whole, first, second) = (new LearningSample(), new LearningSample(), new LearningSample());
        for (var i = 0; i < cut; i++)
        {
            whole.Add(i);
            first.Add(i);
        }

        var reader = new StateReader(Bytes(first));
        second.Load(ref reader);
        reader.RequireEnd();
        for (var i = cut; i < 40_000; i++)
        {
            whole.Add(i);
            second.Add(i);
        }

        Assert.Equal(Bytes(whole), Bytes(second));
        Assert.InRange(whole.Count, LearningSample.Capacity / 2, LearningSample.Capacity);
    }

    private static byte[] Bytes(LearningSample sample)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        sample.Save(ref writer);
        return bytes.WrittenSpan.ToArray();
    }
}
