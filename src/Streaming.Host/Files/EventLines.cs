using System.Text.Json;

namespace Streaming.Host;

/// <summary>A file with a whole prediction event a line. The bytes stay as they are: what is wrong with them is for the decoder to say.</summary>
internal sealed class EventLines(InputFile file, BadRows bad) : IEvents
{
    private readonly Utf8Lines _lines = new(file.Content);
    private byte[] _line = new byte[1_024];
    private int _length;
    private long _row = -1;

    public Place Place => new(_row, _lines.Line);

    public ReadOnlySpan<byte> Json => _line.AsSpan(0, _length);

    public byte[]? Id { get; private set; }

    public long? Time { get; private set; }

    public int? Partition { get; private set; }

    public bool Read()
    {
        while (_lines.Read(out var line))
        {
            _row++;
            if (_lines.TooLong)
            {
                bad.Report(Place, null, $"a line of more than {Utf8Lines.MaxBytes} bytes");
                continue;
            }

            Keep(line);
            (Id, Time, Partition) = (null, null, null);
            try
            {
                ReadHead();
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                // broken JSON becomes a dead letter where all bad events do, in the pipeline
            }

            return true;
        }

        return false;
    }

    public void Dispose()
    {
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        if (_line.Length < line.Length)
        {
            _line = new byte[line.Length * 2];
        }

        line.CopyTo(_line);
        _length = line.Length;
    }

    private void ReadHead()
    {
        var reader = new Utf8JsonReader(Json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isId, isTime, isPartition) = (reader.ValueTextEquals("id"u8), reader.ValueTextEquals("time"u8), reader.ValueTextEquals("partition"u8));
            reader.Read();
            if (isId && reader.TokenType is (JsonTokenType.String or JsonTokenType.Number))
            {
                Id = Bytes(ref reader);
            }

            if (isTime)
            {
                Time = TimeOf(ref reader);
            }

            if (isPartition && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var partition))
            {
                Partition = partition;
            }

            reader.Skip();
        }
    }

    private static byte[] Bytes(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.ToArray();
        }

        var text = new byte[reader.ValueSpan.Length];
        return text[..reader.CopyString(text)];
    }

    private static long? TimeOf(ref Utf8JsonReader reader)
    {
        var cell = reader.TokenType switch
        {
            JsonTokenType.Number => new Cell(CellKind.Number, "", reader.GetDouble()),
            JsonTokenType.String => new Cell(CellKind.Text, reader.GetString()!),
            _ => default,
        };
        return EventTime.TryParse(cell, out var milliseconds) ? milliseconds : null;
    }
}
