namespace Streaming.Tests;

/// <summary>Bytes that work allocates on its own thread.</summary>
internal static class Allocations
{
    private const long Room = 64L << 20;

    /// <summary>Does the work once, and then again while no collection can happen; returns the bytes that the second time allocated.</summary>
    /// <remarks>
    /// A collection, also one that another thread causes, takes away the 8 KiB buffer from which a thread allocates and may book its unused rest on
    /// that thread. Hence no collection, and a test that runs alone: <see cref="AllocationTests"/>.
    /// </remarks>
    public static long Of(Action work)
    {
        work();
        Assert.True(GC.TryStartNoGCRegion(Room));
        try
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        finally
        {
            GC.EndNoGCRegion();
        }
    }
}
