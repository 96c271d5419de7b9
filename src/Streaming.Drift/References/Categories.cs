namespace Streaming.Drift;

/// <summary>The key under which a category is counted.</summary>
public static class Categories
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    /// <summary>A fixed 64-bit hash of the category's UTF-8 bytes, the same on every CPU and in every version.</summary>
    /// <remarks>FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) followed by the 64-bit finaliser of MurmurHash3 (A. Appleby), so that
    /// the low bits can index a table. Keys are kept in saved state: the function must never change.</remarks>
    public static ulong Key(ReadOnlySpan<byte> utf8)
    {
        var hash = Offset;
        foreach (var value in utf8)
        {
            hash = (hash ^ value) * Prime;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51_afd7_ed55_8ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ce_b9fe_1a85_ec53;
        return hash ^ (hash >> 33);
    }
}
