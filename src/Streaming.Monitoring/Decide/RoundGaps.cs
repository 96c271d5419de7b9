using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Translates ages in elements of a stream into rounds of the model: rounds without a value of that stream gave it no element.</summary>
internal sealed class RoundGaps
{
    private const int Longest = 256;

    private readonly List<(long AfterElement, long Rounds)> _gaps = [];
    private long _elements;

    /// <summary>Takes a round with or without an element.</summary>
    public void Add(bool hasElement)
    {
        if (hasElement)
        {
            _elements++;
            return;
        }

        if (_gaps.Count > 0 && _gaps[^1].AfterElement == _elements)
        {
            _gaps[^1] = (_elements, _gaps[^1].Rounds + 1);
            return;
        }

        _gaps.Add((_elements, 1));
        if (_gaps.Count > Longest)
        {
            // the two oldest become one, as old as the younger: an age that reaches them is rounded up
            _gaps[1] = (_gaps[1].AfterElement, _gaps[0].Rounds + _gaps[1].Rounds);
            _gaps.RemoveAt(0);
        }
    }

    public void Save(ref StateWriter writer)
    {
        writer.Count(_elements);
        writer.Count(_gaps.Count);
        foreach (var (after, rounds) in _gaps)
        {
            writer.Count(after);
            writer.Count(rounds);
        }
    }

    public void Load(ref StateReader reader)
    {
        _gaps.Clear();
        _elements = reader.Count();
        for (var left = reader.Length(2); left > 0; left--)
        {
            _gaps.Add((reader.Count(), reader.Count()));
        }
    }

    /// <summary>Rounds that the newest <paramref name="elements"/> elements span.</summary>
    public long Rounds(long elements)
    {
        var rounds = elements;
        for (var i = _gaps.Count - 1; i >= 0 && elements > 0 && _gaps[i].AfterElement > _elements - elements; i--)
        {
            rounds += _gaps[i].Rounds;
        }

        return rounds;
    }
}
