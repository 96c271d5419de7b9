using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>How long and how much a client may take.</summary>
internal sealed record WebLimits
{
    /// <summary>Until the head of a request must be there.</summary>
    public TimeSpan Head { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Until the answer must have been taken.</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection without a request stays open.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Connections at a time; more are closed at once.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Series a metric may have.</summary>
    public int MaxSeries { get; init; } = PrometheusText.DefaultMaxSeries;
}

/// <summary>Serves <c>/metrics</c>, <c>/health/live</c> and <c>/health/ready</c>, and nothing else.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly ProcessMetrics _process = new();
    private readonly PrometheusText _text;
    private readonly SemaphoreSlim _scraping = new(1);
    private readonly ArrayBufferWriter<byte> _body = new(16_384);
    private readonly Func<bool> _live;
    private readonly Func<bool> _ready;
    private readonly ILogger _log;
    private readonly WebLimits _limits;
    private readonly WebAccess _access;
    private readonly OnceAMinute _refused = new();
    private readonly OnceAMinute _notTaken = new();
    private readonly OnceAMinute _failed = new();
    private long _scrapes;
    private int _waiting;
    private bool _isWhole;
    private bool _isOpenMetrics;

    private WebServer(IPEndPoint endpoint, Telemetry telemetry, Func<bool> live, Func<bool> ready, ILogger log, WebLimits limits, WebAccess access)
    {
        (_live, _ready, _log, _limits, _access) = (live, ready, log, limits, access);
        var certificate = access.Certificate is null ? null : new WebCertificate(access, log);
        _text = new PrometheusText([telemetry.Meter, _process.Meter], limits.MaxSeries);
        // an empty builder reads no file, no variable and no argument: nothing but `listen` opens a port, and nothing is logged
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "driftd", ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, endpoint, limits, certificate));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Where it is reached; with port 0 the port that was given.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>All that it listens on.</summary>
    public IEnumerable<string> Urls => _app.Urls;

    /// <summary>Times the instruments were read.</summary>
    public long Scrapes => Interlocked.Read(ref _scrapes);

    /// <summary>Scrapes that wait for the one that runs.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Opens the port and serves until it is disposed.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException"><paramref name="listen"/> is not host:port.</exception>
    /// <exception cref="IOException">The port cannot be opened.</exception>
    public static async Task<WebServer> StartAsync(
        string listen, Telemetry telemetry, Func<bool> live, Func<bool> ready, ILogger? log = null, WebLimits? limits = null, WebAccess? access = null)
    {
        var endpoint = ListenAddress.Parse(listen);
        var server = new WebServer(endpoint, telemetry, live, ready, log ?? NullLogger.Instance, limits ?? new(), access ?? new());
        try
        {
            await server._app.StartAsync().ConfigureAwait(false);
            return server;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new IOException(Reason(listen, exception), exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using (var deadline = new CancellationTokenSource(StopDeadline))
        {
            await _app.StopAsync(deadline.Token).ConfigureAwait(false);
        }

        await _app.DisposeAsync().ConfigureAwait(false);
        _text.Dispose();
        _process.Dispose();
        _scraping.Dispose();
    }

    private static void Configure(KestrelServerOptions kestrel, IPEndPoint endpoint, WebLimits limits, WebCertificate? certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.MaxRequestLineSize = 2_048;
        kestrel.Limits.MaxRequestHeadersTotalSize = 8_192;
        kestrel.Limits.MaxRequestHeaderCount = 32;
        kestrel.Limits.MaxRequestBufferSize = 16_384;
        kestrel.Limits.RequestHeadersTimeout = limits.Head;
        kestrel.Limits.KeepAliveTimeout = limits.KeepAlive;
        kestrel.Listen(endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null)
            {
                listen.UseHttps(https =>
                {
                    (https.SslProtocols, https.HandshakeTimeout) = (SslProtocols.Tls12 | SslProtocols.Tls13, limits.Head);
                    https.ServerCertificateSelector = (_, _) => certificate.Current();
                });
            }
        });
    }

    private static string Reason(string listen, Exception exception) =>
        $"listen = {listen}: " + ((exception as SocketException ?? exception.GetBaseException() as SocketException)?.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "the port is in use; stop the process that holds it, or choose another one",
            SocketError.AddressNotAvailable => "this machine has no such address",
            SocketError.AccessDenied => "this user may not open the port",
            _ => "the port cannot be opened: " + exception.Message,
        });

    private async Task AnswerAsync(HttpContext context)
    {
        using var deadline = new CancellationTokenSource(_limits.Request);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, deadline.Token);
        try
        {
            await RouteAsync(context, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // a write that is cancelled ends the request too, so only the deadline itself tells who gave up
            if (deadline.IsCancellationRequested && _notTaken.IsDue())
            {
                var (path, seconds) = (context.Request.Path.Value, _limits.Request.TotalSeconds);
                _log.LogWarning(LogEvents.AnswerNotTaken, "web: {Path} was not taken within {Seconds} s, connection closed", path, seconds);
            }

            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            if (_failed.IsDue())
            {
                _log.LogError(LogEvents.RequestFailed, exception, "web: {Path} failed", context.Request.Path.Value);
            }

            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private Task RouteAsync(HttpContext context, CancellationToken cancel)
    {
        var (request, response) = (context.Request, context.Response);
        var path = request.Path.Value;
        SetHeaders(response.Headers, request.IsHttps);
        if (path is not ("/metrics" or "/health/live" or "/health/ready"))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            response.Headers.Connection = "close";
            return Task.CompletedTask;
        }

        if (path == "/metrics" && !_access.MayRead(request.Headers.Authorization))
        {
            SayRefused(context.Connection.RemoteIpAddress);
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        }

        return path switch
        {
            "/metrics" => MetricsAsync(response, PrometheusText.PrefersOpenMetrics(request.Headers.Accept), cancel),
            "/health/live" => HealthAsync(response, _live() ? "ok" : null, "not live", cancel),
            _ => HealthAsync(response, _ready() ? "ok" : null, "not ready", cancel),
        };
    }

    // nothing here is a page: no browser shall guess, frame, keep or run it
    private static void SetHeaders(IHeaderDictionary headers, bool isSecure)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        if (isSecure)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }

    private void SayRefused(IPAddress? from)
    {
        if (_refused.IsDue())
        {
            _log.LogWarning(LogEvents.ReadRefused, "web: /metrics refused to {Address}: no token that may read; said once a minute", from);
        }
    }

    private static Task HealthAsync(HttpResponse response, string? fine, string otherwise, CancellationToken cancel)
    {
        response.StatusCode = fine is null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(fine ?? otherwise, cancel);
    }

    /// <summary>One scrape at a time; those that came while it ran share the next one.</summary>
    private async Task MetricsAsync(HttpResponse response, bool openMetrics, CancellationToken cancel)
    {
        var before = Scrapes;
        await TurnAsync(cancel).ConfigureAwait(false);
        try
        {
            // a scrape that began after this request came is as fresh as one of its own
            if (_scrapes == before || !_isWhole || _isOpenMetrics != openMetrics)
            {
                Interlocked.Increment(ref _scrapes);
                (_isWhole, _isOpenMetrics) = (false, openMetrics);
                _body.ResetWrittenCount();
                _text.Write(_body, openMetrics);
                _isWhole = true;
            }

            response.ContentType = openMetrics ? PrometheusText.OpenMetricsType : PrometheusText.ContentType;
            response.ContentLength = _body.WrittenCount;
            response.BodyWriter.Write(_body.WrittenSpan);
        }
        finally
        {
            _scraping.Release();
        }

        // outside the turn: a slow reader holds up nobody but itself
        if ((await response.BodyWriter.FlushAsync(cancel).ConfigureAwait(false)).IsCanceled)
        {
            cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task TurnAsync(CancellationToken cancel)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _scraping.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Leaves signals of the system to the command that runs.</summary>
    [SuppressMessage("Performance", "CA1812", Justification = "made by the container")]
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
