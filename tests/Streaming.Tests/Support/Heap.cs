namespace Streaming.Tests;

/// <summary>What managed memory holds once nothing more can be collected.</summary>
internal static class Heap
{
    private const int MostCollections = 20;
    private const int Still = 16 << 10;

    /// <summary>Bytes, read when a collection frees no more than the one before: what earlier tests left must not go while something is measured.</summary>
    public static long Bytes()
    {
        var bytes = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < MostCollections; i++)
        {
            GC.WaitForPendingFinalizers();
            var (before, now) = (bytes, GC.GetTotalMemory(forceFullCollection: true));
            bytes = now;
            if (Math.Abs(before - now) < Still)
            {
                break;
            }
        }

        return bytes;
    }
}
