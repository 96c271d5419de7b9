using System.Runtime.InteropServices;
using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Builds a <see cref="ReferenceProfile"/> from training data, value by value, in memory that does not grow with the data.</summary>
/// <remarks>A stream is numeric where all its values are numbers. Of more than 100,000 numbers an evenly spaced part is kept.</remarks>
public sealed class ProfileBuilder
{
    private const int KeptNumbers = 100_000;

    private readonly Dictionary<string, Gathered> _streams = new(StringComparer.Ordinal);

    /// <summary>Takes one value of a stream.</summary>
    /// <param name="stream">Its name, for example <c>feature:amount</c>.</param>
    /// <param name="text">The value as it stands in the data: its name, should the stream turn out to be one of categories.</param>
    /// <param name="number">The value where it is a finite number; else null.</param>
    public void Add(string stream, string text, double? number)
    {
        ref var gathered = ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, stream, out _);
        gathered ??= new Gathered();
        gathered.Add(text, number);
    }

    /// <summary>Reduces what was gathered.</summary>
    public ReferenceProfile Build()
    {
        var (numeric, categorical) = (new Dictionary<string, NumericReference>(), new Dictionary<string, CategoricalReference>());
        var names = new Dictionary<ulong, string>();
        foreach (var (stream, gathered) in _streams)
        {
            if (gathered.HasText)
            {
                categorical[stream] = gathered.Categories(names);
            }
            else
            {
                numeric[stream] = gathered.Numbers();
            }
        }

        return new ReferenceProfile(numeric, categorical, names);
    }

    private sealed class Gathered
    {
        private readonly LearningSample _numbers = new(KeptNumbers);
        private readonly CategoryCounts _counts = new();
        private readonly Dictionary<ulong, string> _names = [];
        private byte[] _utf8 = new byte[64];

        public bool HasText { get; private set; }

        public void Add(string text, double? number)
        {
            if (number is { } value)
            {
                _numbers.Add(value);
            }

            HasText |= number is null;
            var length = Encoding.UTF8.GetMaxByteCount(text.Length);
            _utf8 = length <= _utf8.Length ? _utf8 : new byte[length * 2];
            var key = Drift.Categories.Key(_utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8)));
            _counts.Add(key);
            if (_names.Count < _counts.MaxDistinct)
            {
                _names.TryAdd(key, text);
            }
        }

        public NumericReference Numbers() => NumericReference.Build(_numbers.Values, _numbers.Observed);

        public CategoricalReference Categories(Dictionary<ulong, string> names)
        {
            foreach (var (key, name) in _names)
            {
                names[key] = name;
            }

            return CategoricalReference.Build(_counts, _counts.Total);
        }
    }
}
