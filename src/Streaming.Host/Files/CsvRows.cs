using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Streaming.Host;

/// <summary>Rows of a CSV file with a header (RFC 4180; commas, quoted cells, any line ends, byte order mark allowed).</summary>
internal sealed class CsvRows : IRows, IDisposable
{
    // an unclosed quote would otherwise take the rest of the file into one cell
    private const int MaxCellCharacters = 1 << 20;

    private readonly CsvParser _parser;
    private readonly BadRows _bad;
    private readonly string _file;
    private readonly string[] _columns;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private long _row = -1;
    private bool _badQuotes;

    public CsvRows(InputFile file, BadRows bad)
    {
        (_bad, _file) = (bad, file.Name);
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = _ => _badQuotes = true,
            MaxFieldSize = MaxCellCharacters,
            BufferSize = 1 << 16,
            CountBytes = false,
        };
        _parser = new CsvParser(new StreamReader(file.Content, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, 1 << 16), configuration);
        _columns = ReadRecord() ? Header() : throw new IOException($"{file.Name}: is empty: expected a line with the names of the columns");
    }

    public IReadOnlyList<string> Columns => _columns;

    public bool ColumnsAreKnown => true;

    public Place Place => new(_row, _parser.RawRow);

    public Cell this[int column] => Cell.OfText(_parser[column]);

    public int IndexOf(string column) => _numbers.GetValueOrDefault(column, -1);

    public bool Read()
    {
        while (ReadRecord())
        {
            _row++;
            if (_badQuotes)
            {
                _bad.Report(Place, null, "a quote stands where none may stand: quote the whole cell and double the quotes in it");
            }
            else if (_parser.Count != _columns.Length)
            {
                _bad.Report(Place, null, $"{_parser.Count} cells, expected {_columns.Length}");
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _parser.Dispose();

    private bool ReadRecord()
    {
        _badQuotes = false;
        try
        {
            return _parser.Read();
        }
        catch (MaxFieldSizeException)
        {
            throw new IOException(
                $"{_file}: row {_row + 1} (line {_parser.RawRow}): a cell of more than {MaxCellCharacters} characters; is a quote not closed?");
        }
    }

    private string[] Header()
    {
        var columns = new string[_parser.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            // without detection of encodings the reader leaves the byte order mark where it is
            var name = (i == 0 ? _parser[i].TrimStart('\uFEFF') : _parser[i]).Trim();
            columns[i] = name.Length > 0 ? name : $"column {i + 1}";
            if (!_numbers.TryAdd(columns[i], i))
            {
                throw new IOException($"{_file}: the column '{columns[i]}' stands there twice");
            }
        }

        return columns;
    }
}
