using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Streaming.IntegrationTests;

/// <summary>Stands before a broker: hands connections on, or answers them itself with another certificate, and notes when each one came.</summary>
internal sealed class Door : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<long> _came = [];
    private readonly List<TcpClient> _open = [];
    private volatile X509Certificate2? _imposter;
    private volatile int _port;

    public Door()
    {
        _listener.Start();
        _ = Accept();
    }

    /// <summary>Port that clients are told.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>When connections came since the last <see cref="Forget"/>, seconds after the first.</summary>
    public List<double> Came
    {
        get
        {
            lock (_came)
            {
                return [.. _came.Select(at => Stopwatch.GetElapsedTime(_came[0], at).TotalSeconds)];
            }
        }
    }

    /// <summary>Forgets who came.</summary>
    public void Forget()
    {
        lock (_came)
        {
            _came.Clear();
        }
    }

    /// <summary>Ends the connections that are open, as a broker that restarts does.</summary>
    public void Close()
    {
        lock (_came)
        {
            _open.ForEach(static client => client.Close());
            _open.Clear();
        }
    }

    /// <summary>Hands on to a broker's own port.</summary>
    public void Open(int port) => (_imposter, _port) = (null, port);

    /// <summary>Answers by itself, with this certificate.</summary>
    public void Present((string Certificate, string Key) pem) => _imposter = X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);

    public void Dispose() => _listener.Dispose();

    private async Task Accept()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (_came)
            {
                _came.Add(Stopwatch.GetTimestamp());
                _open.Add(client);
            }

            _ = Serve(client);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (_imposter is { } certificate)
                {
                    await using var secure = new SslStream(client.GetStream());
                    await secure.AuthenticateAsServerAsync(certificate);
                    await secure.ReadExactlyAsync(new byte[1]);
                    return;
                }

                using var broker = new TcpClient();
                await broker.ConnectAsync(IPAddress.Loopback, _port);
                await Task.WhenAny(client.GetStream().CopyToAsync(broker.GetStream()), broker.GetStream().CopyToAsync(client.GetStream()));
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException or System.Security.Authentication.AuthenticationException)
            {
                // either side has hung up: that is what these tests are about
            }
        }
    }
}
