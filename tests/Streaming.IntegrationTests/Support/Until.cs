using System.Diagnostics;

namespace Streaming.IntegrationTests;

/// <summary>Waits for a condition, never for a time.</summary>
internal static class Until
{
    public static Task True(Func<bool> condition, string what, TimeSpan? deadline = null) => True(condition, () => what, deadline);

    /// <summary>The same, with what is to be said made where it was in vain.</summary>
    public static async Task True(Func<bool> condition, Func<string> what, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > (deadline ?? TimeSpan.FromSeconds(60)))
            {
                Assert.Fail($"waited {watch.Elapsed.TotalSeconds:0} s in vain until {what()}");
            }

            await Task.Delay(20);
        }
    }
}
