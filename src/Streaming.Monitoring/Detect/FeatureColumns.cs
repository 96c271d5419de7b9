using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>The features of a model version on one partition, a column each, found by name.</summary>
internal sealed class FeatureColumns(MonitoringOptions options)
{
    private readonly Utf8Table _names = new();
    private readonly List<NumericStream?> _numeric = [];
    private readonly List<CategoricalStream?> _categorical = [];
    private readonly List<IPaneStream> _streams = [];

    // events usually carry the same features in the same order: where position i led last time is tried first
    private int[] _order = new int[16];

    public int Count => _streams.Count;

    public List<IPaneStream> Streams => _streams;

    /// <summary>The name of the first feature whose value does not fit its stream (text where numbers came before); null where all fit.</summary>
    public string? Misfit(DecodedEvent decoded, ReadOnlySpan<byte> record)
    {
        var features = decoded.Features;
        for (var i = 0; i < features.Length; i++)
        {
            if (features[i].Kind != FieldKind.Text)
            {
                continue;
            }

            var name = decoded.Text(features[i].Name, record);
            var index = IndexOf(name, i);
            if (index >= 0 && _numeric[index] is not null)
            {
                return "features." + Encoding.UTF8.GetString(name);
            }
        }

        return null;
    }

    /// <summary>Sets a row from an event; returns the share of known features without a value.</summary>
    public double Set(DecodedEvent decoded, ReadOnlySpan<byte> record, int row, int blockRows)
    {
        foreach (var stream in _streams)
        {
            stream.SetMissing(row);
        }

        var present = 0;
        var features = decoded.Features;
        for (var i = 0; i < features.Length; i++)
        {
            ref readonly var feature = ref features[i];
            if (feature.Kind == FieldKind.Absent)
            {
                continue;
            }

            var name = decoded.Text(feature.Name, record);
            var index = IndexOf(name, i);
            if (index < 0)
            {
                if (Count == options.MaxFeatures)
                {
                    continue;
                }

                index = Add(name, feature.Kind == FieldKind.Number, blockRows, row);
            }

            present++;
            if (_numeric[index] is { } numbers)
            {
                numbers.Set(row, feature.Number);
            }
            else
            {
                _categorical[index]!.Set(row, decoded.Text(feature.Text, record));
            }
        }

        return Count == 0 ? double.NaN : 1 - ((double)Math.Min(present, Count) / Count);
    }

    private int IndexOf(ReadOnlySpan<byte> name, int position)
    {
        if (position >= _order.Length)
        {
            Array.Resize(ref _order, position * 2);
        }

        var guess = _order[position];
        if (guess < _names.Count && name.SequenceEqual(_names[guess]))
        {
            return guess;
        }

        var index = _names.Find(name);
        _order[position] = Math.Max(index, 0);
        return index;
    }

    private int Add(ReadOnlySpan<byte> name, bool isNumber, int blockRows, int row)
    {
        var index = _names.Add(name);
        var stream = "feature:" + Encoding.UTF8.GetString(name);
        if (isNumber && options.Profile?.Categorical(stream) is null)
        {
            _numeric.Add(new NumericStream(stream, options.LearnFor, options.Profile?.Numeric(stream)));
            _categorical.Add(null);
            _streams.Add(_numeric[index]!);
        }
        else
        {
            _numeric.Add(null);
            _categorical.Add(new CategoricalStream(stream, options.LearnFor, options.Profile?.Categorical(stream), options.Profile));
            _streams.Add(_categorical[index]!);
        }

        _streams[index].Resize(blockRows);
        for (var earlier = 0; earlier < row; earlier++)
        {
            _streams[index].SetMissing(earlier);
        }

        return index;
    }
}
