using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Streaming.Kafka;

namespace Streaming.IntegrationTests;

/// <summary>Measures how long the partitions of killed processes stand still: from the kill to the next commit of each by someone else.</summary>
internal sealed partial class Takeovers : IDisposable
{
    // what the dead had under way is through by then; nobody else may have the partitions before the session timeout
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Progress _progress;
    private readonly List<Kill> _open = [];
    private readonly List<Kill> _done = [];
    private readonly Task _watching;

    public Takeovers(Scene scene)
    {
        _progress = new Progress(scene);
        _watching = Task.Factory.StartNew(Watch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Kills whose partitions all go on again.</summary>
    public IReadOnlyList<Kill> Done
    {
        get
        {
            lock (_lock)
            {
                return [.. _done];
            }
        }
    }

    /// <summary>Notes a kill just now of the owner of these partitions.</summary>
    public void Killed(IEnumerable<int> partitions)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();

            // a kill disturbs the takeovers that are under way
            _open.ForEach(kill => (kill.Disturbed, kill.LastKill) = (true, now));
            var one = new Kill([.. partitions]);
            if (one.Left.Count > 0)
            {
                _open.Add(one);
            }
        }
    }

    /// <summary>Whether no partition waits for a new owner.</summary>
    public bool AllDone()
    {
        lock (_lock)
        {
            return _open.Count == 0;
        }
    }

    /// <summary>Median and maximum in seconds.</summary>
    public static string Summary(IEnumerable<double> seconds)
    {
        var sorted = seconds.Order().ToList();
        return sorted.Count == 0 ? "none"
            : string.Create(CultureInfo.InvariantCulture, $"median {sorted[sorted.Count / 2]:0.0} s, maximum {sorted[^1]:0.0} s of {sorted.Count}");
    }

    /// <summary>What processes say of their restores: seconds that open transactions of others took, and reading state.</summary>
    public static (List<double> Waits, List<double> Reads) Restores(Fleet fleet)
    {
        var found = fleet.Said("detect: restored ").Select(static line => RestoreTimes().Match(line)).Where(static match => match.Success).ToList();
        return (Seconds("wait"), Seconds("read"));

        List<double> Seconds(string group) => [.. found.Select(match => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _watching.Wait();
        _stop.Dispose();
        _progress.Dispose();
    }

    private void Watch()
    {
        while (!_stop.Token.WaitHandle.WaitOne(50))
        {
            var committed = _progress.Committed(StageRole.Detect);
            lock (_lock)
            {
                foreach (var kill in _open)
                {
                    kill.Note(committed);
                }

                _done.AddRange(_open.Where(static kill => kill.Left.Count == 0));
                _open.RemoveAll(static kill => kill.Left.Count == 0);
            }
        }
    }

    [GeneratedRegex(@" in [\d.]+ s \(open transactions (?<wait>[\d.]+) s, state (?<read>[\d.]+) s\)")]
    private static partial Regex RestoreTimes();

    /// <summary>One kill and the partitions that it left without an owner.</summary>
    public sealed class Kill(HashSet<int> partitions)
    {
        private readonly long _at = Stopwatch.GetTimestamp();
        private Dictionary<int, long>? _before;

        public HashSet<int> Left { get; } = partitions;

        /// <summary>Another process was killed meanwhile: perhaps the heir.</summary>
        public bool Disturbed { get; set; }

        public long LastKill { get; set; } = Stopwatch.GetTimestamp();

        /// <summary>From this kill until the last of its partitions went on.</summary>
        public double Seconds { get; private set; }

        /// <summary>The same from the last kill before that.</summary>
        public double SecondsSinceLastKill { get; private set; }

        public void Note(Dictionary<int, long> committed)
        {
            if (_before is null)
            {
                _before = Stopwatch.GetElapsedTime(_at) >= Settled ? committed : null;
                return;
            }

            var before = _before;
            Left.RemoveWhere(partition => committed.GetValueOrDefault(partition) > before.GetValueOrDefault(partition));
            (Seconds, SecondsSinceLastKill) = (Stopwatch.GetElapsedTime(_at).TotalSeconds, Stopwatch.GetElapsedTime(LastKill).TotalSeconds);
        }
    }
}
