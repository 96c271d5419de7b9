using System.Text;

namespace Streaming.Host;

/// <summary>JSON text as it is written, numbers with a fixed count of decimals: no culture, no shortest-digits search.</summary>
internal sealed class EventText
{
    private readonly byte[] _bytes = new byte[1_024];
    private int _length;

    public EventText Clear()
    {
        _length = 0;
        return this;
    }

    public EventText Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
        return this;
    }

    /// <summary>Letters that need no escape.</summary>
    public EventText Text(string text)
    {
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
        return this;
    }

    /// <summary>A number of at least 0, rounded to <paramref name="decimals"/> places.</summary>
    public EventText Number(double value, int decimals)
    {
        var scale = 1L;
        for (var i = 0; i < decimals; i++)
        {
            scale *= 10;
        }

        return Number((long)Math.Round(value * scale), decimals);
    }

    /// <summary>A whole number of at least 0 with a decimal point before its last <paramref name="decimals"/> digits.</summary>
    public EventText Number(long value, int decimals)
    {
        Span<byte> digits = stackalloc byte[24];
        var at = digits.Length;
        for (var written = 0; value > 0 || written <= decimals; written++, value /= 10)
        {
            if (written == decimals && decimals > 0)
            {
                digits[--at] = (byte)'.';
            }

            digits[--at] = (byte)('0' + (value % 10));
        }

        return Raw(digits[at..]);
    }

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();
}
