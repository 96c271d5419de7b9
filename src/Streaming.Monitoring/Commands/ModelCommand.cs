using System.Buffers;
using System.Text.Json;

namespace Streaming.Monitoring;

/// <summary>What people and pipelines tell driftd about a model.</summary>
public enum CommandKind : byte
{
    /// <summary>How a retraining goes.</summary>
    Outcome,

    /// <summary>What is normal has changed for good: learn it anew.</summary>
    Relearn,

    /// <summary>A trigger that waits may go out.</summary>
    Approval,
}

/// <summary>How a retraining goes.</summary>
public enum TrainingOutcome : byte
{
    /// <summary>The pipeline has begun.</summary>
    Accepted,

    /// <summary>There is a new model, not in use yet.</summary>
    Trained,

    /// <summary>The new model is in use.</summary>
    Deployed,

    /// <summary>There will be no new model.</summary>
    Failed,
}

/// <summary>One record of the commands topic: key = model, value = a CloudEvent.</summary>
public sealed record ModelCommand
{
    /// <summary>Longest value of a command.</summary>
    public const int MaxBytes = 64 * 1_024;

    private const int LongestText = 1_000;

    /// <summary>What it is.</summary>
    public required CommandKind Kind { get; init; }

    /// <summary>Identity, chosen by the sender.</summary>
    public required string Id { get; init; }

    /// <summary>Model that it is about.</summary>
    public required string Model { get; init; }

    /// <summary>Outcome: version of the new model. Relearn: version that learns anew. Null: none given, or all.</summary>
    public string? Version { get; init; }

    /// <summary>Trigger that it answers; null where none is meant.</summary>
    public string? Trigger { get; init; }

    /// <summary>How the retraining goes; null for other kinds.</summary>
    public TrainingOutcome? Outcome { get; init; }

    /// <summary>For people: who, why.</summary>
    public string Why { get; init; } = "";

    /// <summary>When it was sent, milliseconds since 1970.</summary>
    public long Time { get; init; }

    private string Type => Kind switch
    {
        CommandKind.Outcome => "drift.outcome.v1",
        CommandKind.Relearn => "drift.relearn.v1",
        _ => "drift.approval.v1",
    };

    /// <summary>The command as a CloudEvents 1.0 record (structured JSON).</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            CloudEvent.Write(json, Type, Id, "/driftd/commands", Model, Time, data =>
            {
                data.WriteString("model", Model);
                foreach (var (name, value) in ((string, string?)[])[("version", Version), ("trigger", Trigger), ("outcome", Outcome?.ToString().ToLowerInvariant())])
                {
                    if (value is not null)
                    {
                        data.WriteString(name, value);
                    }
                }

                data.WriteString("why", Why);
            });
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether a record of the panes topic is a command: a pane never begins like a JSON object.</summary>
    public static bool IsOne(byte[]? value) => value is [(byte)'{', ..];

    /// <summary>Reads what <see cref="Encode"/> or another program wrote; null where it is no command.</summary>
    public static ModelCommand? Decode(ReadOnlyMemory<byte> value)
    {
        if (value.Length > MaxBytes)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(value);
            var (root, data) = (json.RootElement, json.RootElement.GetProperty("data"));
            CommandKind? kind = root.GetProperty("type").GetString() switch
            {
                "drift.outcome.v1" => CommandKind.Outcome,
                "drift.relearn.v1" => CommandKind.Relearn,
                "drift.approval.v1" => CommandKind.Approval,
                _ => null,
            };
            if (kind is null || Text(root, "id") is not { Length: > 0 } id || Text(data, "model") is not { Length: > 0 } model)
            {
                return null;
            }

            var command = new ModelCommand
            {
                Kind = kind.Value,
                Id = id,
                Model = model,
                Version = Text(data, "version"),
                Trigger = Text(data, "trigger"),
                Outcome = Text(data, "outcome") is { } outcome ? Enum.Parse<TrainingOutcome>(outcome, ignoreCase: true) : null,
                Why = Text(data, "why") ?? "",
                Time = root.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds(),
            };
            return command.IsComplete ? command : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private bool IsComplete => Kind switch
    {
        CommandKind.Outcome => Outcome is not null && Enum.IsDefined(Outcome.Value),
        CommandKind.Approval => Trigger is not null,
        _ => true,
    };

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.GetString() is { Length: <= LongestText } text ? text : throw new FormatException(name)
            : null;
}
