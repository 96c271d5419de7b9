using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Streaming.Host;

/// <summary>The option <c>listen</c>: where metrics and health are served.</summary>
internal static class ListenAddress
{
    /// <summary>The address and port in <paramref name="listen"/>.</summary>
    /// <exception cref="ValidationException">It is not of the form host:port.</exception>
    public static IPEndPoint Parse(string listen)
    {
        var colon = listen.LastIndexOf(':');
        if (colon > 0
            && ushort.TryParse(listen.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && Host(listen[..colon]) is { } address)
        {
            return new IPEndPoint(address, port);
        }

        throw new ValidationException(
            $"listen = {listen}: must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, "
            + "the port 0 to 65535; for example 127.0.0.1:9464");
    }

    private static IPAddress? Host(string host)
    {
        if (host == "localhost")
        {
            return IPAddress.Loopback;
        }

        var isBracketed = host[0] == '[' && host[^1] == ']';
        if (!IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address))
        {
            return null;
        }

        // "1" and "127.1" are addresses to the runtime, and mistakes to everyone else
        var isPlain = isBracketed
            ? address.AddressFamily == AddressFamily.InterNetworkV6
            : address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == host;
        return isPlain ? address : null;
    }
}
