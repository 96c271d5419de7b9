using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Streaming.Host;

/// <summary>Who may read what is served, and by which certificate it is served.</summary>
/// <remarks>
/// There is nothing to administer over HTTP: what people tell the system goes through Kafka, whose rights say who may. So there is one right, to read;
/// health needs none, since it says one word.
/// </remarks>
internal sealed record WebAccess
{
    private const int HashLength = 64;
    private const string Scheme = "Bearer ";
    private const int LongestToken = 512;

    /// <summary>Certificate and its chain, a PEM file; read again when it changes.</summary>
    /// <value>Default none: plain HTTP.</value>
    public string? Certificate { get; init; }

    /// <summary>Private key of the certificate, a PEM file.</summary>
    /// <value>Default none: it stands in the file of the certificate.</value>
    public string? Key { get; init; }

    /// <summary>SHA-256 hashes of the tokens that may read metrics; several while one follows the other.</summary>
    /// <value>64 hexadecimal digits each. Default none: everyone may.</value>
    public IReadOnlyList<string> ReadTokens { get; init; } = [];

    /// <summary>Whether another address than loopback may be served without TLS or without a token.</summary>
    /// <value>Default false.</value>
    public bool AllowPlain { get; init; }

    /// <summary>Whether a text is the hash of a token.</summary>
    public static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether a request with this header may read. Takes as long for a wrong token as for the right one.</summary>
    public bool MayRead(string? authorization)
    {
        if (ReadTokens.Count == 0)
        {
            return true;
        }

        if (authorization is null || authorization.Length > LongestToken || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()), given);
        var found = false;
        foreach (var token in ReadTokens)
        {
            found |= CryptographicOperations.FixedTimeEquals(given, Convert.FromHexString(token));
        }

        return found;
    }

    /// <summary>The certificate as its files hold it now.</summary>
    /// <exception cref="ValidationException">They hold none, or one without its key.</exception>
    public X509Certificate2 Load()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Certificate!, Key);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ValidationException($"http.certificate = {Certificate}: cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>When the files of the certificate last changed.</summary>
    public DateTime Changed() =>
        new[] { Certificate, Key }.Max(static file => file is null ? DateTime.MinValue : File.GetLastWriteTimeUtc(file));
}
