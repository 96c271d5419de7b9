using System.Text.Json;

namespace Streaming.Host;

/// <summary>Rows of a file with a JSON object a line. A column is a property; those of an object <c>features</c> are columns too.</summary>
internal sealed class JsonRows(InputFile file, BadRows bad) : IRows
{
    private const int MaxColumns = 10_000;

    private readonly Utf8Lines _lines = new(file.Content);
    private readonly List<string> _columns = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Cell> _cells = [];
    private long _row = -1;

    public IReadOnlyList<string> Columns => _columns;

    public bool ColumnsAreKnown => false;

    public Place Place => new(_row, _lines.Line);

    /// <summary>The row's object, where it is a whole prediction event: it has an object <c>features</c>.</summary>
    public JsonElement? Event { get; private set; }

    public Cell this[int column] => _cells[column];

    public int IndexOf(string column) => _numbers.GetValueOrDefault(column, -1);

    public bool Read()
    {
        while (_lines.Read(out var line))
        {
            _row++;
            if (_lines.TooLong)
            {
                bad.Report(Place, null, $"a line of more than {Utf8Lines.MaxBytes} bytes");
            }
            else if (Parse(line))
            {
                return true;
            }
        }

        return false;
    }

    private bool Parse(ReadOnlySpan<byte> line)
    {
        _cells.Clear();
        _cells.AddRange(Enumerable.Repeat(new Cell(CellKind.Missing, ""), _columns.Count));
        Event = null;
        JsonElement row;
        try
        {
            var reader = new Utf8JsonReader(line);
            row = JsonElement.ParseValue(ref reader);
            if (reader.Read() || row.ValueKind != JsonValueKind.Object)
            {
                bad.Report(Place, null, "is not one JSON object");
                return false;
            }

            AddAll(row);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            bad.Report(Place, null, $"is no JSON: {BadRows.Shown(exception.Message)}");
            return false;
        }

        if (_columns.Count <= MaxColumns)
        {
            return true;
        }

        throw new IOException($"{file.Name}: row {_row} (line {_lines.Line}): more than {MaxColumns} different properties");
    }

    private void AddAll(JsonElement row)
    {
        foreach (var property in row.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object || !property.NameEquals("features"u8))
            {
                Add(property);
                continue;
            }

            Event = row;
            foreach (var feature in property.Value.EnumerateObject())
            {
                Add(feature);
            }
        }
    }

    private void Add(JsonProperty property)
    {
        if (!_numbers.TryGetValue(property.Name, out var column))
        {
            _numbers.Add(property.Name, column = _columns.Count);
            _columns.Add(property.Name);
            _cells.Add(default);
        }

        var value = property.Value;
        _cells[column] = value.ValueKind switch
        {
            JsonValueKind.Null => new Cell(CellKind.Missing, ""),
            JsonValueKind.Number => new Cell(CellKind.Number, value.GetRawText(), value.GetDouble()),
            JsonValueKind.String => new Cell(CellKind.Text, value.GetString()!),
            JsonValueKind.True => new Cell(CellKind.Truth, "true", 1),
            JsonValueKind.False => new Cell(CellKind.Truth, "false", 0),
            _ => new Cell(CellKind.Nested, value.GetRawText()),
        };
    }
}
