using System.Buffers;
using FsCheck;
using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class StateReaderTests
{
    [Property]
    public bool Counts_and_signed_numbers_come_back(long value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        writer.Count(value & long.MaxValue);
        writer.Signed(value);
        var reader = new StateReader(bytes.WrittenSpan);
        return reader.Count() == (value & long.MaxValue) && reader.Signed() == value && reader.Remaining == 0 && writer.Length == bytes.WrittenCount;
    }

    [Property]
    public void Any_bytes_are_read_or_refused(byte[] bytes)
    {
        foreach (var read in (Read[])
            [
                static (ref r) => r.Count(), static (ref r) => r.Signed(), static (ref r) => r.Length(1), static (ref r) => r.Text(), static (ref r) => r.Bool(),
                static (ref r) => r.Guid(), static (ref r) => r.Part().Remaining,
            ])
        {
            var reader = new StateReader(bytes);
            try
            {
                read(ref reader);
            }
            catch (InvalidDataException refusal)
            {
                Assert.Contains("expected", refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("80808080808080808000")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    public void A_count_that_is_longer_than_need_be_is_refused(string hex) =>
        Assert.Throws<InvalidDataException>(() => new StateReader(Convert.FromHexString(hex)).Signed());

    [Fact]
    public void A_length_that_the_bytes_cannot_hold_is_refused()
    {
        var bytes = new byte[] { 5, 0, 0, 0, 0 };

        var refusal = Assert.Throws<InvalidDataException>(() => new StateReader(bytes).Length(1));

        Assert.Equal("state at byte 1: expected at most 4 items, found 5", refusal.Message);
    }

    private delegate object Read(ref StateReader reader);
}
