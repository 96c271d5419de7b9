using System.Text;

namespace Streaming.Monitoring;

/// <summary>A key of the JSON objects of a topic.</summary>
/// <param name="Pointer">Where it stands, a JSON Pointer.</param>
/// <param name="Present">Objects that have it.</param>
/// <param name="Kinds">Kinds of its values, the commonest first.</param>
public sealed record InspectedKey(string Pointer, int Present, IReadOnlyList<NamedCount> Kinds);

/// <summary>A field of an event and where it is proposed to be read.</summary>
/// <param name="Field">Its name under <c>mapping</c>.</param>
/// <param name="Pointer">A JSON Pointer.</param>
/// <param name="Key">The key behind it; null where the pointer leads nowhere, so that a key of the usual name is not taken for the field.</param>
public sealed record ProposedField(string Field, string Pointer, InspectedKey? Key);

/// <summary>What sampled records of a topic are and how they could be mapped: names, kinds and shares, no value.</summary>
public sealed record EventInspection
{
    /// <summary>Records looked at.</summary>
    public int Records { get; private init; }

    /// <summary>Records with a key.</summary>
    public int Keyed { get; private init; }

    /// <summary>Records whose key is the id that is proposed.</summary>
    public int KeyedById { get; private init; }

    /// <summary>Values that are JSON objects.</summary>
    public int Objects { get; private init; }

    /// <summary>What the values are, the commonest first.</summary>
    public IReadOnlyList<NamedCount> Formats { get; private init; } = [];

    /// <summary>Keys, in the order in which they were first seen.</summary>
    public IReadOnlyList<InspectedKey> Keys { get; private init; } = [];

    /// <summary>Whether there were more keys than are listed.</summary>
    public bool KeysAreCut { get; private init; }

    /// <summary>The proposal, in the order of the configuration.</summary>
    public IReadOnlyList<ProposedField> Proposed { get; private init; } = [];

    /// <summary>Whether these look like labels for predictions of another topic.</summary>
    public bool IsLabels { get; private init; }

    /// <summary>What someone who maps these records should know.</summary>
    public IReadOnlyList<string> Remarks { get; private init; } = [];

    /// <summary>Records that would become dead letters as it is configured now, by reason and field.</summary>
    public IReadOnlyList<NamedCount> RefusedAsConfigured { get; private init; } = [];

    /// <summary>The same with the proposal.</summary>
    public IReadOnlyList<NamedCount> RefusedAsProposed { get; private init; } = [];

    /// <summary>Looks at records, those of a partition in the order of its log.</summary>
    public static EventInspection Of(string topic, IReadOnlyList<(int Partition, LogRecord Record)> records, MonitoringOptions options)
    {
        var shape = new JsonShape();
        var formats = records.Select(sampled => RecordFormats.Of(sampled.Record, shape)).CountBy(static format => format).OrderByDescending(static format => format.Value).ToList();
        var guess = new MappingGuess(shape);
        var keys = shape.Keys.ToDictionary(static key => key, static key => new InspectedKey(key.Pointer, key.Present, Kinds(key)));
        return new()
        {
            Records = records.Count,
            Keyed = records.Count(static sampled => sampled.Record.Key is { Length: > 0 }),
            KeyedById = guess.Found.GetValueOrDefault(EventField.Id)?.EqualToKey ?? 0,
            Objects = shape.Objects,
            Formats = [.. formats.Select(static format => new NamedCount(format.Key.Words(), format.Value))],
            Keys = [.. keys.Values],
            KeysAreCut = shape.IsCut,
            Proposed = [.. Enum.GetValues<EventField>().SelectMany(field => Propose(guess, field, keys))],
            IsLabels = guess.IsLabels,
            Remarks = [.. InspectionRemarks.Of(shape, guess, formats.Exists(static format => format.Key == RecordFormat.CloudEventBinary))],
            RefusedAsConfigured = Refused(topic, records, options, guess.IsLabels),
            RefusedAsProposed = Refused(topic, records, options with { Mapping = guess.Mapping }, guess.IsLabels),
        };
    }

    /// <summary>Kinds of the values of a key, the commonest first.</summary>
    internal static IReadOnlyList<NamedCount> Kinds(ShapeKey key) =>
    [
        .. ((NamedCount[])
        [
            new("number", key.Numbers), new("text", key.Texts), new("boolean", key.Truths), new("object", key.Objects), new("array", key.Arrays), new("null", key.Nulls),
        ]).Where(static kind => kind.Count > 0).OrderByDescending(static kind => kind.Count),
    ];

    private static IEnumerable<ProposedField> Propose(MappingGuess guess, EventField field, Dictionary<ShapeKey, InspectedKey> keys)
    {
        if (guess.Found.TryGetValue(field, out var key))
        {
            yield return new(EventSchema.NameOf(field), key.Pointer, keys[key]);
        }
        else if (guess.Moved.TryGetValue(field, out var elsewhere))
        {
            yield return new(EventSchema.NameOf(field), elsewhere, null);
        }
    }

    /// <summary>The stage itself says what it would not take.</summary>
    private static IReadOnlyList<NamedCount> Refused(
        string topic, IReadOnlyList<(int Partition, LogRecord Record)> records, MonitoringOptions options, bool isLabels)
    {
        var reasons = isLabels ? Labels(records, options) : Events(topic, records, options);
        return [.. reasons.CountBy(static reason => reason).OrderByDescending(static reason => reason.Value).Select(static reason => new NamedCount(reason.Key, reason.Value))];
    }

    private static List<string> Events(string topic, IReadOnlyList<(int Partition, LogRecord Record)> records, MonitoringOptions options)
    {
        var (stage, output) = (new DetectStage(options with { DeadLetters = DeadLetterContent.Reference }), new List<OutputRecord>());
        foreach (var partition in records.GroupBy(static sampled => sampled.Partition))
        {
            stage.Assign(topic, partition.Key, Guid.Empty);
            foreach (var (_, record) in partition)
            {
                stage.Process(topic, partition.Key, [record], output);
            }
        }

        return [.. output.Where(static record => record.Topic == OutputTopic.DeadLetters).Select(static letter => Words(Header(letter, "reason"), Header(letter, "field")))];
    }

    private static List<string> Labels(IReadOnlyList<(int Partition, LogRecord Record)> records, MonitoringOptions options)
    {
        var (decoder, decoded, reasons) = (new EventDecoder(options.Mapping, options.MaxRecordBytes), new DecodedEvent(), new List<string>());
        foreach (var (_, record) in records)
        {
            var reason = record.Value is null ? RejectReason.NullValue : decoder.DecodeLabel(record.Value, decoded);
            if (reason != RejectReason.None)
            {
                reasons.Add(Words(reason.Text(), record.Value is null ? "" : decoder.RejectedField(record.Value, decoded)));
            }
        }

        return reasons;
    }

    private static string Words(string reason, string field) => field.Length == 0 ? reason : $"{reason} of {field}";

    private static string Header(OutputRecord letter, string name) =>
        Encoding.UTF8.GetString(letter.Headers!.First(header => header.Key == DeadLetter.Prefix + name).Value);
}
