using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Streaming.Host;

/// <summary>Rows of a table turned into prediction events: some columns have a role, all others are features.</summary>
internal sealed class EventRows : IEvents
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly InputFile _file;
    private readonly IRows _rows;
    private readonly EventRoles _roles;
    private readonly BadRows _bad;
    private readonly ArrayBufferWriter<byte> _buffer = new(1_024);
    private readonly Utf8JsonWriter _json;
    private readonly List<Column> _columns = [];
    private readonly int[] _at = new int[Enum.GetValues<EventRole>().Length];
    private Column? _wrong;
    private string _problem = "";

    /// <summary>Assigns the roles.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">A role names a column that is not there.</exception>
    public EventRows(InputFile file, IRows rows, EventRoles roles, BadRows bad)
    {
        (_file, _rows, _roles, _bad) = (file, rows, roles, bad);
        _json = new Utf8JsonWriter(_buffer, Writing);
        Array.Fill(_at, -1);
        if (rows.ColumnsAreKnown)
        {
            roles.Require(file, rows);
        }
    }

    public Place Place => _rows.Place;

    public ReadOnlySpan<byte> Json => _buffer.WrittenSpan;

    public byte[]? Id { get; private set; }

    public long? Time { get; private set; }

    public int? Partition { get; private set; }

    public bool Read()
    {
        while (_rows.Read())
        {
            AssignRoles();
            _wrong = null;
            if (_rows is JsonRows { Event: { } whole } ? Copy(whole) : Write())
            {
                return true;
            }

            _bad.Report(_rows.Place, _wrong?.Name, _problem);
        }

        if (_rows.Columns.Count > 0)
        {
            _roles.Require(_file, _rows);
        }

        return false;
    }

    public void Dispose() => _json.Dispose();

    private void AssignRoles()
    {
        while (_columns.Count < _rows.Columns.Count)
        {
            var name = _rows.Columns[_columns.Count];
            var role = _roles.Of(name);
            _columns.Add(new Column(name, JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping), role));
            if (role != EventRole.Feature)
            {
                _at[(int)role] = _columns.Count - 1;
            }
        }
    }

    private bool Write()
    {
        Begin();
        var fine = WriteHead();
        _json.WriteStartObject("features"u8);
        for (var i = 0; i < _columns.Count && fine; i++)
        {
            if (_columns[i].Role == EventRole.Feature)
            {
                _json.WritePropertyName(_columns[i].Json);
                fine = WriteValue(_columns[i], _rows[i], mayNest: false);
            }
        }

        _json.WriteEndObject();
        fine = fine && WriteRole(EventRole.Prediction, "prediction"u8, mayNest: true) && WriteRole(EventRole.Label, "label"u8, mayNest: false);
        _json.WriteEndObject();
        _json.Flush();
        return fine;
    }

    /// <summary>A row that is an event already keeps all it has; model and version of the command line take the place of its own.</summary>
    private bool Copy(JsonElement whole)
    {
        Begin();
        var fine = WriteHead();
        foreach (var property in whole.EnumerateObject())
        {
            if (property.Name is not ("id" or "time") && !(property.NameEquals("model"u8) && _roles.Model is not null)
                && !(property.NameEquals("version"u8) && _roles.Version is not null))
            {
                property.WriteTo(_json);
            }
        }

        _json.WriteEndObject();
        _json.Flush();
        return fine;
    }

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        (Id, Time, Partition) = (null, null, null);
    }

    /// <summary>All that says which event it is.</summary>
    private bool WriteHead()
    {
        if (Present(EventRole.Id, out var id, out var column))
        {
            Id = Encoding.UTF8.GetBytes(id.Text);
            _json.WriteString("id"u8, Id);
        }

        WriteName("model"u8, _roles.Model, EventRole.Model);
        WriteName("version"u8, _roles.Version, EventRole.Version);
        if (Present(EventRole.Time, out var time, out column))
        {
            if (!EventTime.TryParse(time, out var milliseconds))
            {
                return Refuse(column, $"{BadRows.Shown(time.Text)} is no time: expected {EventTime.Allowed}");
            }

            Time = milliseconds;
            WriteTime(time, milliseconds);
        }

        if (Present(EventRole.Partition, out var partition, out column))
        {
            if (partition.Number is not (>= 0 and <= int.MaxValue) || partition.Number % 1 != 0)
            {
                return Refuse(column, $"{BadRows.Shown(partition.Text)} is no partition: expected a whole number from 0");
            }

            Partition = (int)partition.Number;
        }

        return true;
    }

    private void WriteTime(in Cell time, long milliseconds)
    {
        if (time.Kind == CellKind.Number)
        {
            _json.WriteNumber("time"u8, milliseconds);
        }
        else if (time.Text[10] == 'T')
        {
            _json.WriteString("time"u8, time.Text);
        }
        else
        {
            _json.WriteString("time"u8, EventTime.Write(milliseconds));
        }
    }

    private void WriteName(ReadOnlySpan<byte> name, string? given, EventRole role)
    {
        if (given is not null)
        {
            _json.WriteString(name, given);
        }
        else if (Present(role, out var cell, out _))
        {
            _json.WriteString(name, cell.Text);
        }
    }

    private bool WriteRole(EventRole role, ReadOnlySpan<byte> name, bool mayNest)
    {
        if (!Present(role, out var cell, out var column))
        {
            return true;
        }

        _json.WritePropertyName(name);
        return WriteValue(column!, cell, mayNest);
    }

    private bool Present(EventRole role, out Cell cell, out Column? column)
    {
        var at = _at[(int)role];
        (cell, column) = at < 0 ? (default, null) : (_rows[at], _columns[at]);
        return cell.Kind != CellKind.Missing;
    }

    private bool WriteValue(Column column, in Cell cell, bool mayNest)
    {
        switch (cell.Kind)
        {
            case CellKind.Missing:
                _json.WriteNullValue();
                return true;
            case CellKind.Number when !double.IsFinite(cell.Number):
                return Refuse(column, $"{BadRows.Shown(cell.Text)} is not finite");
            case CellKind.Number:
                WriteNumber(cell);
                return true;
            case CellKind.Text when cell.Text.Contains('\uFFFD'):
                return Refuse(column, $"{BadRows.Shown(cell.Text)} is not UTF-8");
            case CellKind.Text:
                _json.WriteStringValue(cell.Text);
                return true;
            case CellKind.Truth:
                _json.WriteBooleanValue(cell.Number > 0);
                return true;
            case CellKind.Nested when mayNest:
                _json.WriteRawValue(cell.Text);
                return true;
            default:
                return Refuse(column, $"{BadRows.Shown(cell.Text)} is neither a number nor text");
        }
    }

    /// <summary>Digits as they stand in the file where JSON can hold them, so that nothing is rounded.</summary>
    private void WriteNumber(in Cell cell)
    {
        if (IsJsonNumber(cell.Text))
        {
            _json.WriteRawValue(cell.Text, skipInputValidation: true);
        }
        else
        {
            _json.WriteNumberValue(cell.Number);
        }
    }

    private static bool IsJsonNumber(string text)
    {
        var digits = text.AsSpan(text[0] == '-' ? 1 : 0);
        if (digits.IsEmpty || !char.IsAsciiDigit(digits[0]) || (digits[0] == '0' && digits.Length > 1 && digits[1] != '.'))
        {
            return false;
        }

        // only plain decimals: exponents take the other way
        var point = digits.IndexOf('.');
        return point < 0
            ? !digits.ContainsAnyExceptInRange('0', '9')
            : point < digits.Length - 1 && !digits[..point].ContainsAnyExceptInRange('0', '9') && !digits[(point + 1)..].ContainsAnyExceptInRange('0', '9');
    }

    private bool Refuse(Column? column, string problem)
    {
        (_wrong, _problem) = (column, problem);
        return false;
    }

    private sealed record Column(string Name, JsonEncodedText Json, EventRole Role);
}
