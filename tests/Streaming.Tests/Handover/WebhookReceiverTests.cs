using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests;

public class WebhookReceiverTests
{
    private static readonly Uri Address = new("https://pipelines.example/hook?key=hidden");
    private static readonly byte[] Secret = "0123456789abcdef"u8.ToArray();

    [Fact]
    public void The_signature_is_that_of_the_example_of_Standard_Webhooks() =>
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookReceiver.Signature(
                Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""u8));

    [Fact]
    public void It_posts_the_event_with_its_id_and_signature()
    {
        var answers = new Answers(static _ => new HttpResponseMessage(HttpStatusCode.Accepted));

        Assert.Null(Receiver(answers, Secret).Deliver(Of(), CancellationToken.None));

        var (headers, body) = Assert.Single(answers.Asked);
        Assert.Equal("""{"id":"t1"}""", body);
        Assert.Equal("application/cloudevents+json; charset=utf-8", headers["Content-Type"]);
        Assert.Equal(("t1", "t1"), (headers["Idempotency-Key"], headers["webhook-id"]));
        Assert.Equal(
            WebhookReceiver.Signature(Secret, "t1", long.Parse(headers["webhook-timestamp"]), """{"id":"t1"}"""u8), headers["webhook-signature"]);
    }

    [Theory]
    [InlineData("7f6b31c20ef0ea46df6a65b2eb1f1440", "00-7f6b31c20ef0ea46df6a65b2eb1f1440-df6a65b2eb1f1440-01")]
    [InlineData("t1", null)]
    [InlineData("7F6B31C20EF0EA46DF6A65B2EB1F1440", null)]
    [InlineData("7f6b31c20ef0ea460000000000000000", null)]
    public void The_trace_that_it_begins_has_the_id_of_the_trigger(string id, string? trace)
    {
        var answers = new Answers(static _ => new HttpResponseMessage(HttpStatusCode.OK));

        Receiver(answers).Deliver(Of() with { Id = id }, CancellationToken.None);

        Assert.Equal(trace, Assert.Single(answers.Asked).Headers.GetValueOrDefault("traceparent"));
    }

    [Fact]
    public void Without_a_secret_nothing_is_signed()
    {
        var answers = new Answers(static _ => new HttpResponseMessage(HttpStatusCode.OK));

        Receiver(answers).Deliver(Of(), CancellationToken.None);

        Assert.DoesNotContain("webhook-signature", Assert.Single(answers.Asked).Headers.Keys);
    }

    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public void Other_answers_are_refusals_that_name_no_key(HttpStatusCode code) =>
        Assert.Equal(
            new Refusal($"pipelines.example answered {(int)code}"),
            Receiver(new Answers(_ => new HttpResponseMessage(code))).Deliver(Of(), CancellationToken.None));

    [Fact]
    public void A_receiver_may_say_when_to_come_again()
    {
        var busy = new Answers(static _ =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(42));
            return answer;
        });

        Assert.Equal(TimeSpan.FromSeconds(42), Receiver(busy).Deliver(Of(), CancellationToken.None)!.RetryAfter);
    }

    [Fact]
    public void No_answer_in_time_is_a_refusal()
    {
        var slow = new Answers(static stop =>
        {
            stop.WaitHandle.WaitOne();
            throw new OperationCanceledException(stop);
        });

        Assert.Equal(
            "pipelines.example did not answer within 0.1 s", Receiver(slow, timeout: TimeSpan.FromSeconds(0.1)).Deliver(Of(), CancellationToken.None)!.Reason);
    }

    [Fact]
    public void A_place_that_cannot_be_reached_is_a_refusal() =>
        Assert.Equal(
            "pipelines.example could not be reached (ConnectionError)",
            Receiver(new Answers(static _ => throw new HttpRequestException(HttpRequestError.ConnectionError))).Deliver(Of(), CancellationToken.None)!.Reason);

    private static WebhookReceiver Receiver(Answers answers, byte[]? secret = null, TimeSpan? timeout = null) =>
        new(Address, secret, timeout ?? TimeSpan.FromMinutes(1), TimeProvider.System, answers);

    private static Trigger Of() => new(new TriggerRecord(0, 1, Encoding.UTF8.GetBytes("""{"id":"t1"}""")), "t1", "m", "7", "r");

    private sealed class Answers(Func<CancellationToken, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<(Dictionary<string, string> Headers, string Body)> Asked { get; } = [];

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var body = new StreamReader(request.Content!.ReadAsStream(cancellationToken));
            Asked.Add((
                request.Headers.Concat(request.Content.Headers).ToDictionary(static header => header.Key, static header => header.Value.Single()), body.ReadToEnd()));
            return answer(cancellationToken);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
