using FsCheck;
using FsCheck.Xunit;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class StateKeyTests
{
    private static readonly StateKey Key = new(StateStore.TopicId, 11, StateKind.Cursor, "crédit", "2026-11", 3);

    [Property]
    public bool A_key_comes_back_as_it_went(Guid topicId, NonNegativeInt partition, StateKind kind, UnicodeString model, UnicodeString version, NonNegativeInt part)
    {
        var key = new StateKey(topicId, partition.Get, kind is 0 ? StateKind.Monitor : kind, Whole(model), Whole(version), part.Get);
        return StateKey.Decode(key.Encode()) == key;

        // half of a surrogate pair is no text and never comes out of a record
        static string Whole(UnicodeString text) => string.Concat((text.Get ?? "").Where(c => !char.IsSurrogate(c)));
    }

    [Fact]
    public void The_bytes_of_a_key_are_these_for_ever() => Assert.Equal(
        "010198F9C4AAAA7BBB8CCCDDDDEEEEFFFF0B00000002070000006372C3A964697407000000323032362D313103000000",
        Convert.ToHexString(Key.Encode()));

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        var bytes = Key.Encode();
        bytes[0] = 2;

        Assert.Equal("state at byte 0: expected version 1, found 2", Assert.Throws<InvalidDataException>(() => StateKey.Decode(bytes)).Message);
    }

    [Fact]
    public void Anything_malformed_is_refused()
    {
        var bytes = Key.Encode();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => StateKey.Decode(bytes.AsSpan(0, length)));
        }

        Assert.Throws<InvalidDataException>(() => StateKey.Decode([.. bytes, 0]));
        foreach (var (at, value) in ((Index, byte)[])[(20, 0x80), (21, 0), (21, 6), (25, 0x7f), (28, 0xff), (^1, 0x80)])
        {
            var broken = (byte[])bytes.Clone();
            broken[at] = value;
            Assert.Throws<InvalidDataException>(() => StateKey.Decode(broken));
        }
    }
}
