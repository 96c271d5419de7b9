using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Streaming.IntegrationTests;

/// <summary>An authority made for one test run, and what it signs.</summary>
internal sealed class Certificates : IDisposable
{
    private static readonly DateTimeOffset Today = TimeProvider.System.GetUtcNow();

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public Certificates(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(Today.AddDays(-30), Today.AddDays(30));
    }

    /// <summary>What clients and brokers trust.</summary>
    public string Authority => _authority.ExportCertificatePem() + "\n";

    /// <summary>A certificate of this machine's loopback address.</summary>
    public (string Certificate, string Key) Of(string subject) => Of(subject, IPAddress.Loopback, Today.AddDays(29));

    /// <summary>One that was right until yesterday.</summary>
    public (string Certificate, string Key) Expired(string subject) => Of(subject, IPAddress.Loopback, Today.AddDays(-1));

    /// <summary>One of another host.</summary>
    public (string Certificate, string Key) Elsewhere(string subject) => Of(subject, IPAddress.Parse("192.0.2.1"), Today.AddDays(29));

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    private (string Certificate, string Key) Of(string subject, IPAddress address, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(_authority, Today.AddDays(-29), until, RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
