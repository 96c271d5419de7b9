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

    // the shape of which _order holds every position; 0 where it holds none for sure
    private long _shape;

    // the event that last had a value for each stream
    private long[] _filled = new long[16];
    private long _event;

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
        _event++;
        var isKnown = decoded.Shape != 0 && decoded.Shape == _shape;
        var (present, filled, isWhole) = (0, 0, true);
        var features = decoded.Features;
        for (var i = 0; i < features.Length; i++)
        {
            ref readonly var feature = ref features[i];
            if (feature.Kind == FieldKind.Absent)
            {
                isWhole = false;
                continue;
            }

            var index = isKnown ? _order[i] : IndexOrNew(decoded.Text(feature.Name, record), i, feature.Kind, row, blockRows);
            if (index < 0)
            {
                isWhole = false;
                continue;
            }

            present++;
            filled += _filled[index] == _event ? 0 : 1;
            _filled[index] = _event;
            if (_numeric[index] is { } numbers)
            {
                numbers.Set(row, feature.Number);
            }
            else
            {
                _categorical[index]!.Set(row, decoded.Text(feature.Text, record));
            }
        }

        _shape = isKnown || isWhole ? decoded.Shape : 0;
        if (filled < Count)
        {
            SetOthersMissing(row);
        }

        return Count == 0 ? double.NaN : 1 - ((double)Math.Min(present, Count) / Count);
    }

    public void Save(ref StateWriter writer, int rows)
    {
        writer.Version(1);
        writer.Count(Count);
        for (var index = 0; index < Count; index++)
        {
            writer.Write(Encoding.UTF8.GetString(_names[index]));
            writer.Write(_numeric[index] is not null);
            var stream = _streams[index];
            stream.Save(ref writer, rows);
        }
    }

    public void Load(ref StateReader reader, int rows, int blockRows)
    {
        reader.RequireVersion(1);
        for (var left = reader.Length(6); left > 0; left--)
        {
            var (name, isNumber) = (reader.Text(), reader.Bool());
            if (Add(Encoding.UTF8.GetBytes(name), isNumber, blockRows, 0) != Count - 1)
            {
                throw reader.Broken("each feature once", $"'{name}' again");
            }

            _streams[^1].Load(ref reader, rows);
        }
    }

    private void SetOthersMissing(int row)
    {
        for (var index = 0; index < Count; index++)
        {
            if (_filled[index] != _event)
            {
                _streams[index].SetMissing(row);
            }
        }
    }

    /// <summary>The stream of a feature that has a value; -1 where there is no room for another.</summary>
    private int IndexOrNew(ReadOnlySpan<byte> name, int position, FieldKind kind, int row, int blockRows)
    {
        var index = IndexOf(name, position);
        if (index < 0 && Count < options.MaxFeatures)
        {
            index = _order[position] = Add(name, kind == FieldKind.Number, blockRows, row);
        }

        return index;
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

        // the order that a shape vouches for is another one now, whether or not this event is taken
        _shape = 0;
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

        if (index >= _filled.Length)
        {
            Array.Resize(ref _filled, index * 2);
        }

        _streams[index].Resize(blockRows);
        for (var earlier = 0; earlier < row; earlier++)
        {
            _streams[index].SetMissing(earlier);
        }

        return index;
    }
}
