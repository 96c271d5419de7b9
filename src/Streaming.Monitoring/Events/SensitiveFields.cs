using System.ComponentModel.DataAnnotations;
using System.Text;

namespace Streaming.Monitoring;

/// <summary>What of an event may be named, and what nobody may read.</summary>
public sealed record SensitiveFields
{
    /// <summary>Features that are watched: the values of others are not even looked at, their names appear nowhere.</summary>
    /// <value>Names. Default none: all features.</value>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Features whose values are replaced by keyed hashes as they are read; numbers too, which are categories then.</summary>
    /// <value>Names; they need <see cref="Key"/>. Default none.</value>
    public IReadOnlyList<string> Redacted { get; init; } = [];

    /// <summary>With it event ids are kept as keyed hashes, and dead letters name the hash of key and value.</summary>
    /// <value>Default none.</value>
    public PrivacyKey? Key { get; init; }

    /// <summary>What decides, as text; empty where nothing is set.</summary>
    public override string ToString() => Features.Count + Redacted.Count == 0
        ? "" : $"features {string.Join(',', Features)} redact {string.Join(',', Redacted)}";

    /// <summary>Refuses what cannot be kept secret.</summary>
    internal void Check(ReferenceProfile? profile)
    {
        if (Redacted.Count > 0 && Key is null)
        {
            throw new ValidationException($"privacy.redact = {string.Join(',', Redacted)}: needs privacy.key, a file with the secret of the hashes");
        }

        if (profile is not null && Redacted.FirstOrDefault(name => profile.Numeric("feature:" + name) is not null || profile.Categorical("feature:" + name) is not null) is { } open)
        {
            throw new ValidationException($"privacy.redact = {open}: the reference holds its values; build it without that column");
        }
    }
}

/// <summary>What is done with a feature.</summary>
internal enum Treatment : byte
{
    Take,
    Redact,
    Leave,
}

/// <summary>The treatment of each feature by name; looking one up allocates nothing.</summary>
internal sealed class Treatments
{
    private readonly Utf8Table _allowed = new();
    private readonly Utf8Table _redacted = new();
    private readonly PrivacyKey? _key;

    private Treatments(SensitiveFields fields)
    {
        _key = fields.Key;
        foreach (var name in fields.Features)
        {
            _allowed.Add(Encoding.UTF8.GetBytes(name));
        }

        foreach (var name in fields.Redacted)
        {
            _redacted.Add(Encoding.UTF8.GetBytes(name));
        }
    }

    /// <summary>Null where every feature is taken as it is.</summary>
    public static Treatments? Of(SensitiveFields fields) => fields.Features.Count + fields.Redacted.Count > 0 ? new Treatments(fields) : null;

    public Treatment this[ReadOnlySpan<byte> name] => _redacted.Find(name) >= 0
        ? Treatment.Redact : _allowed.Count > 0 && _allowed.Find(name) < 0 ? Treatment.Leave : Treatment.Take;

    /// <summary>The category that stands for a value.</summary>
    public FeatureField Hidden(in FeatureField feature, scoped ReadOnlySpan<byte> text, DecodedEvent decoded)
    {
        Span<byte> number = stackalloc byte[sizeof(double)];
        if (feature.Kind == FieldKind.Number)
        {
            // 1 and 1.0 are the same value
            BitConverter.TryWriteBytes(number, feature.Number);
            text = number;
        }

        Span<byte> hash = stackalloc byte[PrivacyKey.TextBytes];
        _key!.Write(text, hash);
        hash.CopyTo(decoded.Room(hash.Length));
        return feature with { Kind = FieldKind.Text, Number = double.NaN, Text = decoded.Keep(hash.Length) };
    }
}
