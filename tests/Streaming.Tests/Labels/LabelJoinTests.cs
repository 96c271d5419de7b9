using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class LabelJoinTests
{
    private const long Horizon = 100;

    private static readonly LabelHorizons Horizons = new()
    {
        Default = TimeSpan.FromMilliseconds(Horizon),
        Models = new Dictionary<string, TimeSpan> { ["slow"] = TimeSpan.FromMilliseconds(2 * Horizon) },
    };

    /// <remarks>Each operation is three bytes: what and for which id, how far time moves, the label.</remarks>
    [Property(MaxTest = 1_000)]
    public void Predictions_and_labels_meet_as_in_a_list_that_is_searched(byte[] operations, PositiveInt most)
    {
        var (join, naive, limit) = (new LabelJoin(Horizons, 4 + (most.Get % 40)), new NaiveJoin(4 + (most.Get % 40)), 4 + (most.Get % 40));
        var (fast, slow, time) = (join.ModelOf("fast", "1"), join.ModelOf("slow", "1"), 1_000L);
        for (var i = 0; i + 2 < operations.Length; i += 3)
        {
            var (id, model) = ((ulong)(operations[i] / 4 % 12), operations[i] % 8 < 4 ? fast : slow);
            time += (operations[i + 1] % 40) - 8;
            if (operations[i] % 4 < 2)
            {
                var label = join.TakePrediction(id, time, model, Number(0.5), 0);
                Assert.Equal(naive.Prediction(id, time, model), label is null ? null : KeptValue.Read(label).Number);
            }
            else
            {
                var value = operations[i + 2] % 2;
                var matches = join.TakeLabel(id, time, Number(value));
                Assert.Equal(naive.Label(id, time, value), matches.Select(match => (match.Model, match.Time)));
            }

            Assert.Equal(naive.Counts, join.Counts with { Orphans = 0, Evicted = 0 });
            Assert.True(join.Open.Count <= limit && join.Waiting.Count <= limit);
        }
    }

    [Fact]
    public void A_label_may_come_before_its_prediction()
    {
        var join = new LabelJoin(Horizons, 10);
        var model = join.ModelOf("fast", "1");
        Assert.Empty(join.TakeLabel(1, 1_000, Number(1)));

        Assert.NotNull(join.TakePrediction(1, 990, model, Number(0.9), 0));
        Assert.Empty(join.TakeLabel(1, 1_001, Number(1)));
        Assert.Equal(new LabelCounts { Taken = 2, Joined = 1, Duplicates = 1 }, join.Counts);
    }

    [Fact]
    public void Before_it_is_used_the_newer_of_two_labels_holds_and_after_it_none_is_taken_back()
    {
        var join = new LabelJoin(Horizons, 10);
        var model = join.ModelOf("fast", "1");
        join.TakeLabel(1, 1_000, Number(1));
        join.TakeLabel(1, 1_001, Number(0));

        Assert.Equal(0, KeptValue.Read(join.TakePrediction(1, 990, model, Number(0.9), 0)).Number);
        Assert.Empty(join.TakeLabel(1, 1_002, Number(1)));
        Assert.Equal(new LabelCounts { Taken = 3, Joined = 1, Corrections = 2 }, join.Counts);
    }

    [Fact]
    public void Any_number_of_model_versions_may_see_the_same_id()
    {
        var join = new LabelJoin(Horizons, 1_000);
        for (var version = 0; version < 40; version++)
        {
            join.TakePrediction(1, 1_000, join.ModelOf("fast", version.ToString(CultureInfo.InvariantCulture)), Number(0.9), 0);
            join.TakePrediction(1, 1_001, join.ModelOf("fast", version.ToString(CultureInfo.InvariantCulture)), Number(0.1), 0);
        }

        Assert.Equal(40, join.TakeLabel(1, 1_002, Number(1)).Count);
        Assert.Equal((40, 40), (join.Open.Count, join.Counts.Joined));
    }

    [Fact]
    public void Of_any_number_of_labels_that_wait_under_one_id_the_newest_holds_however_long_others_keep_them_in_memory()
    {
        var join = new LabelJoin(Horizons, 1_000_000);
        var fast = join.ModelOf("fast", "1");
        for (var i = 0; i < 100_000; i++)
        {
            join.TakeLabel(1, 1_000, Number(i));
        }

        Assert.Equal(99_999, KeptValue.Read(join.TakePrediction(1, 1_000, fast, Number(0.9), 0)).Number);
        Assert.Equal(new LabelCounts { Taken = 100_000, Joined = 1, Corrections = 99_999 }, join.Counts);
    }

    [Fact]
    public void An_id_that_comes_again_after_its_horizon_is_found_though_an_older_prediction_is_still_open()
    {
        var join = new LabelJoin(Horizons, 1_000);
        var (fast, slow) = (join.ModelOf("fast", "1"), join.ModelOf("slow", "1"));
        join.TakePrediction(2, 1_000, slow, Number(0.9), 0);
        for (var i = 0; i < 40; i++)
        {
            // labels' time moves past the fast model's horizon, then back within that of the slow one: the first entry holds all others in memory
            join.TakePrediction(1, 1_000 - (200 * (40 - i)), fast, Number(0.9), 0);
            join.TakeLabel(3, 1_000 - (200 * (39 - i)), Number(0));
        }

        Assert.Equal(41, join.Open.Count);
        join.TakePrediction(1, 1_000, fast, Number(0.9), 0);
        Assert.Single(join.TakeLabel(1, 1_001, Number(1)));
    }

    [Fact]
    public void A_label_after_the_horizon_is_counted_and_dropped()
    {
        var join = new LabelJoin(Horizons, 10);
        var (fast, slow) = (join.ModelOf("fast", "1"), join.ModelOf("slow", "1"));
        join.TakePrediction(1, 1_000, fast, Number(0.9), 0);
        join.TakePrediction(1, 1_000, slow, Number(0.9), 0);

        Assert.Equal(slow, Assert.Single(join.TakeLabel(1, 1_000 + Horizon + 1, Number(1))).Model);
        Assert.Equal(new LabelCounts { Taken = 1, Joined = 1, TooLate = 1 }, join.Counts);
    }

    [Fact]
    public void The_oldest_go_first_and_are_counted()
    {
        var join = new LabelJoin(Horizons, 4);
        var model = join.ModelOf("fast", "1");
        for (ulong id = 0; id < 6; id++)
        {
            join.TakePrediction(id, 1_000, model, Number(0.9), 0);
        }

        Assert.Equal((4, 2), (join.Open.Count, join.Counts.Evicted));
        Assert.Empty(join.TakeLabel(1, 1_000, Number(1)));
        Assert.Single(join.TakeLabel(2, 1_000, Number(1)));
    }

    [Fact]
    public void A_label_without_a_prediction_is_an_orphan_once_the_horizon_is_over()
    {
        var join = new LabelJoin(Horizons, 10);
        var model = join.ModelOf("fast", "1");
        join.TakeLabel(9, 1_000, Number(1));

        join.TakePrediction(1, 1_000 + Horizon, model, Number(0.9), 0);
        Assert.Equal(0, join.Counts.Orphans);
        join.TakePrediction(2, 1_001 + Horizon, model, Number(0.9), 0);
        Assert.Equal((1, 1), (join.Counts.Orphans, join.Counts.UnmatchedShare));
    }

    [Fact]
    public void An_open_prediction_takes_as_few_bytes_as_stated()
    {
        var join = new LabelJoin(new LabelHorizons(), 1_000_000);
        var model = join.ModelOf("fast", "1");
        for (var i = 0; i < 700_000; i++)
        {
            join.TakePrediction(IdHash.Of(BitConverter.GetBytes(i)), 1_000, model, Number(i), 0);
        }

        Assert.InRange(join.Open.Bytes / 700_000.0, 33, 45);
    }

    private static byte[] Number(double value)
    {
        var decoded = new DecodedEvent { LabelKind = FieldKind.Number, LabelNumber = value };
        var bytes = new byte[KeptValue.MostBytes];
        return bytes[..KeptValue.OfLabel(decoded, [], bytes)];
    }

    /// <summary>The same by lists and searches; it forgets nothing but says what is no longer there.</summary>
    private sealed class NaiveJoin(int most)
    {
        private readonly List<(ulong Id, long Time, int Model, double? Label)> _open = [];
        private readonly List<(ulong Id, long Time, double Value, bool Replaced)> _waiting = [];
        private long _labels = -1_000_000;
        private long _predictions = -1_000_000;
        private LabelCounts _counts;

        public LabelCounts Counts => _counts;

        public double? Prediction(ulong id, long time, int model)
        {
            double? label = null;
            if (!Present(id).Any(at => _open[at].Model == model))
            {
                for (var at = Math.Max(0, _waiting.Count - (most / 4)); at < _waiting.Count; at++)
                {
                    var (other, known, value, replaced) = _waiting[at];
                    if (other == id && !replaced && _predictions - known <= Horizon)
                    {
                        var late = known - time > (model + 1) * Horizon;
                        (_counts.TooLate, _counts.Joined) = (_counts.TooLate + (late ? 1 : 0), _counts.Joined + (late ? 0 : 1));
                        label = late ? label : value;
                    }
                }

                _open.Add((id, time, model, label));
            }

            _predictions = Math.Max(_predictions, time);
            return label;
        }

        public List<(int, long)> Label(ulong id, long time, double value)
        {
            var (matches, present) = (new List<(int, long)>(), Present(id).ToList());
            _counts.Taken++;
            foreach (var at in present)
            {
                var open = _open[at];
                if (open.Label is { } known)
                {
                    Again(known == value);
                }
                else if (time - open.Time > (open.Model + 1) * Horizon)
                {
                    _counts.TooLate++;
                }
                else
                {
                    _counts.Joined++;
                    _open[at] = open with { Label = value };
                    matches.Add((open.Model, open.Time));
                }
            }

            if (present.Count == 0)
            {
                Wait(id, time, value);
            }

            _labels = Math.Max(_labels, time);
            return matches;
        }

        private IEnumerable<int> Present(ulong id) => Enumerable.Range(Math.Max(0, _open.Count - most), Math.Min(most, _open.Count))
            .Where(at => _open[at].Id == id && (_labels - _open[at].Time) * 4 <= (_open[at].Model + 1) * Horizon * 5);

        private void Wait(ulong id, long time, double value)
        {
            for (var at = Math.Max(0, _waiting.Count - Math.Max(1, most / 4)); at < _waiting.Count; at++)
            {
                var other = _waiting[at];
                if (other.Id != id || other.Replaced || _predictions - other.Time > Horizon)
                {
                    continue;
                }

                Again(other.Value == value);
                if (other.Value == value)
                {
                    return;
                }

                _waiting[at] = other with { Replaced = true };
            }

            _waiting.Add((id, time, value, false));
        }

        private void Again(bool isSame) =>
            (_counts.Duplicates, _counts.Corrections) = (_counts.Duplicates + (isSame ? 1 : 0), _counts.Corrections + (isSame ? 0 : 1));
    }
}
