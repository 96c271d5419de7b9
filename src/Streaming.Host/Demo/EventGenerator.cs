using Streaming.Drift;

namespace Streaming.Host;

/// <summary>A prediction event and where it belongs.</summary>
internal readonly record struct GeneratedEvent(long Index, int Partition, long Time, byte[] Key, byte[] Value);

/// <summary>The prediction events of a scenario: the same bytes for the same scenario on every machine.</summary>
/// <remarks>
/// Events fall on partitions at random, as keys do. The model is wrong at the partition's rate whatever the applicant; after the change of a credit
/// scenario so many of the trusted applicants default in addition that the rate rises by the shift asked for.
/// </remarks>
internal sealed class EventGenerator
{
    /// <summary>Time of the first event unless the scenario says another, milliseconds since 1970: a day in November 2026.</summary>
    public const long Start = 1_795_305_600_000;

    public const string Model = "credit-scoring";

    private const double LostDebtRatios = 0.03;

    private readonly Scenario _scenario;
    private readonly SplitMix64 _random;
    private readonly Applicant[] _applicants;
    private readonly double[] _errorRates;

    public EventGenerator(Scenario scenario)
    {
        _scenario = scenario.Check();

        // seeds that differ by one must not give the same numbers one step apart
        var seeds = new SplitMix64(scenario.Seed);
        _random = new SplitMix64(seeds.Next());
        _applicants = new Applicant[scenario.Partitions];
        _errorRates = new double[scenario.Partitions];
        for (var partition = 0; partition < scenario.Partitions; partition++)
        {
            _applicants[partition] = new Applicant();
            _errorRates[partition] = scenario.LowestError + ((scenario.HighestError - scenario.LowestError) * seeds.Uniform());
        }
    }

    /// <summary>Error rate of each partition before the change.</summary>
    public IReadOnlyList<double> ErrorRates => _errorRates;

    /// <summary>All events in order. A generator can be read once.</summary>
    public IEnumerable<GeneratedEvent> Events()
    {
        var (text, key) = (new EventText(), new EventText());
        var step = _scenario.Milliseconds / _scenario.Events;
        for (var index = 0L; index < _scenario.Events; index++)
        {
            var time = _scenario.Begins + (long)(index * step);
            var partition = _scenario.Partitions == 1 ? 0 : (int)(_random.Uniform() * _scenario.Partitions);
            Write(text, index, partition, time);
            yield return new GeneratedEvent(index, partition, time, key.Clear().Raw("c"u8).Number(index, 0).ToArray(), text.ToArray());
        }
    }

    private void Write(EventText text, long index, int partition, long time)
    {
        var applicant = _applicants[partition];
        applicant.Draw(_random, _scenario.Kind, (time - _scenario.Begins) / _scenario.Cycle.TotalMilliseconds);
        var score = Math.Floor(applicant.Score * 10_000) / 10_000;
        text.Clear()
            .Raw("{\"id\":\"c"u8).Number(index, 0)
            .Raw("\",\"model\":\"credit-scoring\",\"version\":\"2026-11\",\"time\":"u8).Number(time, 0)
            .Raw(",\"features\":{\"income\":"u8).Number(applicant.Income, 0)
            .Raw(",\"amount\":"u8).Number(applicant.Amount, 0)
            .Raw(",\"age\":"u8).Number(applicant.Age, 0)
            .Raw(",\"debtRatio\":"u8);
        _ = _random.Uniform() < LostDebtRatios ? text.Raw("null"u8) : text.Number(applicant.DebtRatio, 4);
        text.Raw(",\"employment\":\""u8).Text(applicant.Employment)
            .Raw("\",\"purpose\":\""u8).Text(applicant.Purpose)
            .Raw("\",\"region\":\""u8).Text(applicant.Region)
            .Raw("\"},\"prediction\":"u8).Number(score, 4)
            .Raw(",\"label\":"u8).Raw(Defaults(score >= 0.5, partition, index) ? "1"u8 : "0"u8)
            .Raw(",\"latencyMs\":"u8).Number(DeterministicMath.Exp(2.5 + (0.4 * _random.Normal())), 2)
            .Raw("}"u8);
    }

    private bool Defaults(bool expected, int partition, long index)
    {
        var rate = _errorRates[partition];
        var wrong = _random.Uniform() < rate;
        var hit = _random.Uniform();
        if (index >= _scenario.FirstChanged && !expected && !wrong)
        {
            wrong = hit < _scenario.Shift / (Applicant.TrustedShare * (1 - rate));
        }

        return expected != wrong;
    }
}
