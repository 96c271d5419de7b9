using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Host;

/// <summary>Posts each trigger to a web address; an answer of 200 to 299 = taken.</summary>
/// <remarks>Signed as Standard Webhooks 1.0 says: HMAC-SHA256 over <c>id.timestamp.body</c>, in base64, behind <c>v1,</c>.</remarks>
internal sealed class WebhookReceiver(Uri address, byte[]? secret, TimeSpan timeout, TimeProvider clock, HttpMessageHandler? handler = null) : ITriggerReceiver, IDisposable
{
    // redirects are not followed: a signed trigger goes to the address that was configured and to no other
    private readonly HttpClient _client = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = timeout };

    /// <inheritdoc/>
    public Refusal? Deliver(Trigger trigger, CancellationToken stop)
    {
        try
        {
            using var request = Request(trigger);
            using var answer = _client.Send(request, HttpCompletionOption.ResponseHeadersRead, stop);
            return answer.IsSuccessStatusCode ? null : new Refusal($"{Host} answered {(int)answer.StatusCode}", RetryAfter(answer.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new Refusal($"{Host} did not answer within {timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            var cause = exception.InnerException is SocketException socket ? socket.SocketErrorCode.ToString() : exception.HttpRequestError.ToString();
            return new Refusal($"{Host} could not be reached ({cause})");
        }
    }

    /// <summary>The signature of a message.</summary>
    public static string Signature(byte[] secret, string id, long seconds, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{seconds}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed));
    }

    public void Dispose() => _client.Dispose();

    // the path or query of an address may hold a key, so it is never shown
    private string Host => address.Authority;

    private HttpRequestMessage Request(Trigger trigger)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(trigger.Json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json", "utf-8");
        request.Headers.Add("Idempotency-Key", trigger.Id);
        request.Headers.Add("webhook-id", trigger.Id);
        if (trigger.TraceParent is { } trace)
        {
            request.Headers.Add("traceparent", trace);
        }

        var seconds = clock.GetUtcNow().ToUnixTimeSeconds();
        request.Headers.Add("webhook-timestamp", seconds.ToString());
        if (secret is not null)
        {
            request.Headers.Add("webhook-signature", Signature(secret, trigger.Id, seconds, trigger.Json));
        }

        return request;
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked) => asked?.Delta ?? (asked?.Date - clock.GetUtcNow());
}
