using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Monitoring;

/// <summary>HMAC-SHA256 under a secret that can be replaced: what stands for ids and values that nobody may read.</summary>
public sealed class PrivacyKey
{
    /// <summary>Shortest secret, bytes.</summary>
    public const int LeastBytes = 32;

    /// <summary>Length of <see cref="Write"/>.</summary>
    public const int TextBytes = 16;

    private readonly byte[] _secret;
    private readonly byte[]? _previous;

    private PrivacyKey(byte[] secret, byte[]? previous)
    {
        (_secret, _previous) = (secret, previous);
        Id = Convert.ToHexStringLower(HMACSHA256.HashData(secret, "id of this key"u8))[..8];
    }

    /// <summary>Says which secret a hash was made with; eight hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Reads a file: the secret on the first line; while it is being replaced, the one before on the second.</summary>
    /// <exception cref="FormatException">It holds something else, or a secret is too short.</exception>
    public static PrivacyKey Load(string file)
    {
        var lines = File.ReadAllText(file).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var secrets = Array.ConvertAll(lines, Encoding.UTF8.GetBytes);
        return secrets.Length is 1 or 2 && Array.TrueForAll(secrets, static secret => secret.Length >= LeastBytes)
            ? new PrivacyKey(secrets[0], secrets.ElementAtOrDefault(1))
            : throw new FormatException($"{file}: must hold one secret of at least {LeastBytes} characters, or two on two lines: the new one and the one before");
    }

    /// <summary>Writes what stands for these bytes, hexadecimal digits.</summary>
    public void Write(ReadOnlySpan<byte> bytes, Span<byte> into) => Convert.TryToHexStringLower(Hash(_secret, bytes, stackalloc byte[32])[..8], into, out _);

    /// <summary>The whole hash as text, with the name of the secret before it.</summary>
    public string Text(ReadOnlySpan<byte> bytes) => $"{Id}:{Convert.ToHexStringLower(Hash(_secret, bytes, stackalloc byte[32]))}";

    /// <summary>64 bits that stand for an id.</summary>
    internal ulong Of(ReadOnlySpan<byte> id) => BinaryPrimitives.ReadUInt64LittleEndian(Hash(_secret, id, stackalloc byte[32]));

    /// <summary>What stood for it under the secret before; null where there is none.</summary>
    internal ulong? Before(ReadOnlySpan<byte> id) => _previous is null ? null : BinaryPrimitives.ReadUInt64LittleEndian(Hash(_previous, id, stackalloc byte[32]));

    private static Span<byte> Hash(byte[] secret, ReadOnlySpan<byte> bytes, Span<byte> into)
    {
        HMACSHA256.HashData(secret, bytes, into);
        return into;
    }
}
