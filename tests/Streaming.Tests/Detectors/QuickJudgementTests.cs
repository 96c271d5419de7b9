using Streaming.Drift;

namespace Streaming.Tests;

/// <summary>Detectors skip roots and divisions where nothing can have changed. These compare them with the definition, worked out in full at every value.</summary>
public class QuickJudgementTests
{
    private const int PerRow = 6;
    private const int Clock = 32;

    public static TheoryData<string> Streams => ["quiet", "shifts", "rare", "constant", "far", "ramp"];

    [Theory]
    [MemberData(nameof(Streams))]
    public void ADWIN_finds_every_cut_that_a_look_at_all_of_them_finds(string stream)
    {
        var (detector, window, sizes, time) = (new AdwinOptions { Direction = Direction.Both }.Create(), new List<double>(), new List<int>(), 0);
        foreach (var value in Values(stream))
        {
            var level = detector.Update(value);
            window.Add(value);
            AddBucket(sizes);
            var cut = false;
            while (++time % Clock == 0 && window.Count > 10 && ShowsCut(window, sizes))
            {
                window.RemoveRange(0, sizes[0]);
                sizes.RemoveAt(0);
                (cut, time) = (true, time - 1);
            }

            Assert.Equal(cut, level == DriftLevel.Drift);
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void HDDM_A_moves_its_cut_and_passes_its_bound_when_the_definition_does(string stream)
    {
        foreach (var direction in (Direction[])[Direction.Up, Direction.Down])
        {
            var (detector, sign) = (new HddmAOptions { Direction = direction }.Create(), direction == Direction.Up ? 1 : -1);
            var (count, sum, cutCount, cutSum, edge) = (0L, 0.0, 0L, 0.0, 0.0);
            var cutLog = DeterministicMath.Log(1 / 0.001);
            foreach (var value in Values(stream).Where(value => value is >= 0 and <= 1))
            {
                if (detector.Level == DriftLevel.Drift)
                {
                    (count, sum, cutCount) = (0, 0, 0);
                }

                var level = detector.Update(value);
                (count, sum) = (count + 1, sum + value);
                var (mean, bound) = (sum / count, Math.Sqrt(cutLog / (2 * (double)count)));
                if (cutCount == 0 || (sign > 0 ? mean + bound <= edge : mean - bound >= edge))
                {
                    (cutCount, cutSum, edge) = (count, sum, mean + (sign * bound));
                }

                var evidence = detector.Evidence;
                Assert.Equal(cutSum / cutCount, evidence.Before);
                var difference = sign * (mean - evidence.Before);
                var warning = Math.Sqrt((double)(count - cutCount) / cutCount * (1.0 / count) / 2 * DeterministicMath.Log(2 / 0.005));
                Assert.Equal(
                    cutCount == count || !(difference >= warning) ? DriftLevel.Stable : difference >= evidence.Threshold ? DriftLevel.Drift : DriftLevel.Warning, level);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void HDDM_W_and_STEPD_warn_and_alarm_exactly_where_their_evidence_passes_the_threshold(string stream)
    {
        var (weighted, proportions) = (new HddmWOptions { WarningConfidence = 0.001 }.Create(), new StepdOptions { WarningConfidence = 0.003, Direction = Direction.Both }.Create());
        foreach (var value in Values(stream).Where(value => value is >= 0 and <= 1))
        {
            var level = weighted.Update(value);
            var evidence = weighted.Evidence;
            Assert.Equal(evidence.After > evidence.Before && evidence.Statistic > evidence.Threshold, level == DriftLevel.Drift);

            level = proportions.Update(value);
            Assert.Equal(proportions.Evidence.Statistic > proportions.Evidence.Threshold && level != DriftLevel.Learning, level == DriftLevel.Drift);
        }
    }

    private static IEnumerable<double> Values(string stream) => stream switch
    {
        "quiet" => Tests.Streams.Bernoulli(3, (20_000, 0.2)),
        "shifts" => Tests.Streams.Bernoulli(4, (3_000, 0.1), (3_000, 0.4), (3_000, 0.1), (3_000, 0.9)),
        "rare" => Tests.Streams.Bernoulli(5, (15_000, 0.001), (5_000, 0.01), (5_000, 0.999)),
        "constant" => Enumerable.Repeat(0.1, 3_000).Concat(Enumerable.Repeat(0.9, 3_000)),
        "far" => Tests.Streams.Uniform(6, (4_000, 1e6), (4_000, 1e6 + 0.5)).Concat(Tests.Streams.Uniform(7, (4_000, 0))),
        _ => Tests.Streams.Uniform(8, (8_000, 0)).Select((u, i) => (u + (i / 8_000.0)) / 2),
    };

    /// <summary>Sizes of buckets, oldest first: where six are alike the two oldest become one.</summary>
    private static void AddBucket(List<int> sizes)
    {
        sizes.Add(1);
        for (var size = 1; sizes.Count(other => other == size) == PerRow; size *= 2)
        {
            var first = sizes.IndexOf(size);
            sizes[first] = 2 * size;
            sizes.RemoveAt(first + 1);
        }
    }

    private static bool ShowsCut(List<double> window, List<int> sizes)
    {
        var (sum, n) = (window.Sum(), (double)window.Count);
        var variance = window.Sum(value => (value - (sum / n)) * (value - (sum / n))) / n;
        var confidence = DeterministicMath.Log(2 * DeterministicMath.Log(n) / new AdwinOptions().Delta);
        var (place, before) = (0, 0.0);
        foreach (var size in sizes.SkipLast(1))
        {
            before += window.Skip(place).Take(size).Sum();
            place += size;
            var m = (1 / (place - 4.0)) + (1 / (n - place - 4));
            if (place > 6 && n - place > 6
                && Math.Abs((before / place) - ((sum - before) / (n - place))) > Math.Sqrt(2 * m * variance * confidence) + (2.0 / 3 * confidence * m))
            {
                return true;
            }
        }

        return false;
    }
}
