using System.Diagnostics;

namespace Streaming.IntegrationTests;

/// <summary>Another time of day for a process: a library put before the C library's, which adds what a file says. Clocks that only count on stay right.</summary>
/// <remarks>
/// Made from source where there is a C compiler. Not libfaketime: it leaves <c>cnd_timedwait</c> alone, so that every wait of the client's library ends at
/// once, or never.
/// </remarks>
internal sealed class FakeClock : IDisposable
{
    private const string Source =
        """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/time.h>
        #include <threads.h>
        #include <time.h>
        static volatile long *shift;
        static int (*real_clock)(clockid_t, struct timespec *);
        static int (*real_day)(struct timeval *, void *);
        static int (*real_wait)(cnd_t *, mtx_t *, const struct timespec *);
        __attribute__((constructor)) static void begin(void) {
            real_clock = dlsym(RTLD_NEXT, "clock_gettime");
            real_day = dlsym(RTLD_NEXT, "gettimeofday");
            real_wait = dlsym(RTLD_NEXT, "cnd_timedwait");
            void *map = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, open(getenv("CLOCK_SHIFT"), O_RDONLY), 0);
            if (map == MAP_FAILED) abort();
            shift = map;
        }
        int clock_gettime(clockid_t id, struct timespec *at) {
            if (!real_clock) begin();
            int code = real_clock(id, at);
            if (code == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += *shift;
            return code;
        }
        int gettimeofday(struct timeval *restrict at, void *restrict zone) {
            if (!real_day) begin();
            int code = real_day(at, zone);
            if (code == 0 && at) at->tv_sec += *shift;
            return code;
        }
        time_t time(time_t *at) {
            struct timeval now;
            gettimeofday(&now, NULL);
            if (at) *at = now.tv_sec;
            return now.tv_sec;
        }
        int timespec_get(struct timespec *at, int base) {
            return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, at) == 0 ? base : 0;
        }
        int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until) {
            struct timespec really = { until->tv_sec - *shift, until->tv_nsec };
            return real_wait(condition, mutex, &really);
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("driftd-clock-").FullName;
    private readonly Dictionary<string, string> _files = [];

    public FakeClock()
    {
        File.WriteAllText(Path.Combine(_folder, "clock.c"), Source);
        using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-o", Library, Path.Combine(_folder, "clock.c"), "-ldl"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>Why there is none; null where there is.</summary>
    public static string? Missing { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "gcc")))
        ? null : "needs gcc to make a clock that is wrong";

    private string Library => Path.Combine(_folder, "clock.so");

    /// <summary>Sets how many seconds a clock is ahead; negative: behind.</summary>
    public void Set(string name, long seconds)
    {
        _files.TryAdd(name, Path.Combine(_folder, name));
        using var file = new FileStream(_files[name], FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(BitConverter.GetBytes(seconds));
    }

    /// <summary>Variables of a process with that clock.</summary>
    public Dictionary<string, string> Of(string name) => new() { ["LD_PRELOAD"] = Library, ["CLOCK_SHIFT"] = _files[name] };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>A test with processes whose clocks are wrong; skipped, with the way to enable it, where no such clock can be made, or no Kafka started.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FakeClockFactAttribute : FactAttribute
{
    public FakeClockFactAttribute() => Skip = KafkaCluster.Missing ?? FakeClock.Missing;
}
