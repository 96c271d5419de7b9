using System.Globalization;
using System.Text;

namespace Streaming.Host;

/// <summary>Tags as the text between the braces of a series: <c>model="fraud",version="1"</c>.</summary>
/// <remarks>The text is the identity of a series. It stands in one buffer that is used again; not for several threads.</remarks>
internal sealed class LabelText
{
    /// <summary>Characters kept of a value; the rest is cut off.</summary>
    public const int MaxValueLength = 200;

    private readonly List<Range> _names = [];
    private char[] _buffer = new char[1_024];
    private int _length;

    /// <summary>The text, valid until the next call. A label without a value is the same as none and left out.</summary>
    public ReadOnlySpan<char> Format(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _length = 0;
        _names.Clear();
        foreach (var (name, value) in tags)
        {
            var begin = _length;
            AppendName(name);
            Append("=\"");
            var open = _length;
            AppendValue(value);
            if (_length == open)
            {
                _length = begin;
                _names.RemoveAt(_names.Count - 1);
                continue;
            }

            Append("\"");
        }

        return _buffer.AsSpan(0, _length);
    }

    private void AppendName(string name)
    {
        if (_length > 0)
        {
            Append(",");
        }

        var begin = _length;
        // two underscores in front belong to Prometheus, and so does a bucket's "le"
        var kept = name.StartsWith("__", StringComparison.Ordinal) ? name.AsSpan().TrimStart('_') : name;
        if (kept.IsEmpty || char.IsAsciiDigit(kept[0]) || kept is "le")
        {
            Append("_");
        }

        foreach (var c in kept)
        {
            Append([MetricName.IsAllowed(c, 1) ? c : '_']);
        }

        while (IsTaken(begin))
        {
            Append("_");
        }

        _names.Add(begin.._length);
    }

    private bool IsTaken(int begin)
    {
        var name = _buffer.AsSpan(begin, _length - begin);
        foreach (var other in _names)
        {
            if (name.SequenceEqual(_buffer.AsSpan(other)))
            {
                return true;
            }
        }

        return false;
    }

    private void AppendValue(object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                AppendEscaped(text);
                break;
            case bool flag:
                Append(flag ? "true" : "false");
                break;
            default:
                AppendEscaped(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private void AppendEscaped(ReadOnlySpan<char> value)
    {
        if (value.Length <= MaxValueLength && !value.ContainsAny('\\', '"', '\n') && !value.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            Append(value);
            return;
        }

        var kept = 0;
        Span<char> pair = stackalloc char[2];
        foreach (var rune in value.EnumerateRunes())
        {
            kept += rune.Utf16SequenceLength;
            if (kept > MaxValueLength)
            {
                return;
            }

            Append(rune.Value switch
            {
                '\\' => @"\\",
                '"' => "\\\"",
                '\n' => @"\n",
                _ => pair[..rune.EncodeToUtf16(pair)],
            });
        }
    }

    private void Append(ReadOnlySpan<char> text)
    {
        if (_buffer.Length - _length < text.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + text.Length));
        }

        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }
}
