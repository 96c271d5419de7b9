using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.Extensions.Logging;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd triggers watch</c>: hands triggers to a pipeline.</summary>
internal static class TriggersCommand
{
    private const int MostParallel = 64;
    private const int ShortestSecret = 16;
    private const string SecretPrefix = "whsec_";
    private const string SecretVariable = "DRIFTD_WEBHOOK_SECRET";

    public static Command Create() => new("triggers", "Retrain triggers, for pipelines and those who approve them.") { Watch(), Approve() };

    private static Command Watch()
    {
        var attach = new AttachOptions();
        var exec = new Option<string?>("--exec") { Description = "Command for /bin/sh; exit code 0 = taken.", HelpName = "CMD" };
        var webhook = new Option<string?>("--webhook") { Description = "Address to post to, https or http; 200 to 299 = taken.", HelpName = "URL" };
        var secret = new Option<string?>("--secret-file")
        {
            Description = $"File with the secret that signs what is posted, at least {ShortestSecret} bytes. Default: the variable {SecretVariable}; without both unsigned.",
            HelpName = "FILE",
        };
        var name = new Option<string?>("--as") { Description = "Group of the receivers. Default: GROUP.watch.", HelpName = "NAME" };
        var from = new Option<string>("--from")
        {
            Description = "Where a first start begins: latest (the next trigger) or earliest (the oldest that is kept).",
            HelpName = "latest|earliest",
            DefaultValueFactory = static _ => "latest",
        };
        from.AcceptOnlyFromAmong("latest", "earliest");
        var timeout = new Option<string>("--timeout")
        {
            Description = "Longest time for one attempt: 1s to 24h.",
            HelpName = "TIME",
            DefaultValueFactory = static _ => "10m",
        };
        var parallel = new Option<int>("--parallel")
        {
            Description = $"Models served at once: 1 to {MostParallel}; of one model one trigger at a time.",
            HelpName = "N",
            DefaultValueFactory = static _ => 4,
        };
        var command = new Command("watch", FileOptions.WithExamples(
            "Hands each trigger to a command or a web address until it is taken: at least once, those of one model in order and one at a time, failures again "
            + "after 1 s to 5 min, for as long as it takes. Starts go on where the last one stopped. The id of a trigger is the same for ever: use it to act once.\n"
            + "A command gets the CloudEvent on standard input, and DRIFTD_TRIGGER_ID, DRIFTD_MODEL, DRIFTD_VERSION, DRIFTD_REASON, TRACEPARENT. A web address gets it as "
            + "application/cloudevents+json with Idempotency-Key, signed in the manner of Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature), and traceparent: a trace of the trigger's id.",
            "driftd triggers watch --exec './retrain.sh' --bootstrap-servers 127.0.0.1:9092",
            "driftd triggers watch --webhook https://pipelines.example/driftd --secret-file /run/secrets/webhook --bootstrap-servers 127.0.0.1:9092"))
        {
            exec, webhook, secret, name, from, timeout, parallel,
        };
        attach.AddTo(command, "bootstrapServers", "prefix", "group", "logFormat");
        command.SetAction((parsed, stop) =>
        {
            var options = attach.Read(parsed, Needs.Brokers).Options;
            var limit = Span(parsed.GetRequiredValue(timeout));
            var receivers = FileOptions.InRange("--parallel", parsed.GetValue(parallel), 1, MostParallel);
            var receiver = Receiver(parsed.GetValue(exec), parsed.GetValue(webhook), parsed.GetValue(secret), limit);
            var group = parsed.GetValue(name) ?? options.Kafka.Group + ".watch";

            // on a thread of its own, since it waits for brokers and receivers while Ctrl+C must be heard
            return Task.Run(
                () =>
                {
                    using var logs = Logs.Create(options.LogFormat);
                    var log = logs.CreateLogger("driftd");
                    using var feed = new TriggerFeed(options.Kafka, group, parsed.GetValue(from) == "earliest", log);
                    log.LogInformation(LogEvents.Watching, "triggers: {Topic} as group {Group}, from {BootstrapServers}", options.Kafka.Prefix + "triggers", group, options.Kafka.BootstrapServers);
                    new TriggerHandover(feed, receiver, receivers, log, TimeProvider.System).Run(stop);
                    return CommandLine.Fine;
                },
                CancellationToken.None);
        });
        return command;
    }

    private static Command Approve()
    {
        var common = new CommandOptions();
        var id = new Argument<string>("ID") { Description = "Id of the proposal." };
        var command = new Command("approve", FileOptions.WithExamples(
            "With mode = approve driftd proposes: a drift.proposal.v1 among the signals. This lets the proposal go out as a trigger, under the same id. The "
            + "newest 16 proposals of a model wait.",
            "driftd triggers approve fraud 7f6b31c20ef0ea46df6a65b2eb1f1440 --bootstrap-servers 127.0.0.1:9092"));
        common.AddTo(command);
        command.Arguments.Add(id);
        command.SetAction((parsed, stop) => common.SendAsync(
            parsed, common.Of(parsed, CommandKind.Approval) with { Trigger = CommandOptions.NotEmpty("ID", parsed.GetRequiredValue(id)) }, stop));
        return command;
    }

    private static ITriggerReceiver Receiver(string? exec, string? webhook, string? secretFile, TimeSpan timeout)
    {
        if ((exec is null) == (webhook is null))
        {
            throw new ValidationException("--exec, --webhook: one of them is needed, and only one");
        }

        if (exec is not null)
        {
            return new CommandReceiver(exec, timeout);
        }

        if (!Uri.TryCreate(webhook, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
        {
            throw new ValidationException("--webhook: must be an address that begins with https:// or http://");
        }

        return new WebhookReceiver(address, Secret(secretFile), timeout, TimeProvider.System);
    }

    private static byte[]? Secret(string? file)
    {
        var written = file is not null ? File.ReadAllText(file).TrimEnd('\r', '\n')
            : Environment.GetEnvironmentVariable(SecretVariable) is { Length: > 0 } value ? value : null;
        if (written is null)
        {
            return null;
        }

        // a secret in the notation of Standard Webhooks is base64 behind its prefix
        var secret = written.StartsWith(SecretPrefix, StringComparison.Ordinal) ? FromBase64(written[SecretPrefix.Length..]) : Encoding.UTF8.GetBytes(written);
        return secret.Length >= ShortestSecret
            ? secret
            : throw new ValidationException(
                $"{(file is null ? SecretVariable : "--secret-file")}: the secret must have at least {ShortestSecret} bytes, or be {SecretPrefix} and base64");
    }

    private static byte[] FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : [];
    }

    private static TimeSpan Span(string text) =>
        Durations.Parse(text) is { } span && span >= TimeSpan.FromSeconds(1) && span <= TimeSpan.FromDays(1)
            ? span : throw new ValidationException($"--timeout = {text}: must be a duration from 1s to 24h");
}
