using Streaming.Drift;

namespace Streaming.Tests;

public class ShareReferenceTests
{
    [Fact]
    public void A_saved_share_comes_back()
    {
        var saved = new StateBytes();
        var writer = saved.Writer();
        new ShareReference(2_000, 0.03).Save(ref writer);
        var reader = saved.Reader();

        Assert.Equal(new ShareReference(2_000, 0.03), ShareReference.Load(ref reader));
        Assert.Equal(0, reader.Remaining);
    }
}
