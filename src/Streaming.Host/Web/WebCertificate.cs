using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography.X509Certificates;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>The certificate that is served; taken anew when its files change, so that a renewal needs no restart.</summary>
internal sealed class WebCertificate(WebAccess access, ILogger log)
{
    private readonly Lock _lock = new();
    private DateTime _changed = access.Changed();
    private X509Certificate2 _current = access.Load();

    /// <summary>The one to show to the next connection.</summary>
    public X509Certificate2 Current()
    {
        lock (_lock)
        {
            if (access.Changed() is var changed && changed != _changed)
            {
                _changed = changed;
                try
                {
                    // connections that are open may still use the old one: the collector disposes of it
                    _current = access.Load();
                    log.LogInformation(LogEvents.CertificateNew, "web: new certificate, valid until {Until:yyyy-MM-dd}", _current.NotAfter.ToUniversalTime());
                }
                catch (ValidationException exception)
                {
                    log.LogWarning(LogEvents.CertificateKept, "web: the certificate that was there is served on: {Reason}", exception.Message);
                }
            }

            return _current;
        }
    }
}
