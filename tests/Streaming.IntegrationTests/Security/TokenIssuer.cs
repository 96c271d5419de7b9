using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Streaming.IntegrationTests;

/// <summary>An authority that gives signed tokens (OpenID Connect, client credentials) to who knows the secret, and the key by which a broker checks them.</summary>
internal sealed class TokenIssuer : IDisposable
{
    public const string Audience = "kafka";
    public const string Client = "driftd-client";
    public const int Lifetime = 20;

    private readonly RSA _key = RSA.Create(2_048);
    private readonly HttpListener _listener = new();
    private readonly string _secret;
    private int _given;

    public TokenIssuer(string secret)
    {
        _secret = secret;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/token";
        }

        _listener.Prefixes.Add(Url[..^"token".Length]);
        _listener.Start();
        _ = Serve();
    }

    /// <summary>Where tokens are asked for.</summary>
    public string Url { get; }

    /// <summary>How many were given.</summary>
    public int Given => Volatile.Read(ref _given);

    /// <summary>The public key as a set of JSON Web Keys.</summary>
    public string Keys
    {
        get
        {
            var key = _key.ExportParameters(includePrivateParameters: false);
            return JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", kid = "1", use = "sig", alg = "RS256", n = Text(key.Modulus!), e = Text(key.Exponent!) } } });
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _key.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var wanted = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Client}:{_secret}"));
                var isKnown = context.Request.Headers["Authorization"] == wanted;
                context.Response.StatusCode = isKnown ? 200 : 401;
                context.Response.ContentType = "application/json";
                context.Response.Close(JsonSerializer.SerializeToUtf8Bytes<object>(
                    isKnown ? new { access_token = Token(), token_type = "Bearer", expires_in = Lifetime } : new { error = "invalid_client" }), willBlock: false);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // closed
        }
    }

    private string Token()
    {
        Interlocked.Increment(ref _given);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var head = Text(JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", kid = "1", typ = "JWT" }));
        var body = Text(JsonSerializer.SerializeToUtf8Bytes(new { iss = "test", sub = SecureKafka.User, aud = Audience, scope = "kafka", iat = now, exp = now + Lifetime }));
        return $"{head}.{body}.{Text(_key.SignData(Encoding.ASCII.GetBytes($"{head}.{body}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
