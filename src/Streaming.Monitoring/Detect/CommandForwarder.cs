using System.Text;

namespace Streaming.Monitoring;

/// <summary>Commands on their way to DECIDE: as they came, among the panes of the model that they are about, so that DECIDE reads one log.</summary>
/// <remarks>Keeps nothing: an offset that is committed was forwarded, in the same transaction.</remarks>
internal sealed class CommandForwarder(MonitoringOptions options, DetectCounts counts)
{
    public void Process(string topic, int partition, in LogRecord record, List<OutputRecord> output)
    {
        var command = record.Value is null ? null : ModelCommand.Decode(record.Value);
        if (command is null)
        {
            counts.Reject(topic, RejectReason.BadCommand);
            output.Add(DeadLetter.Of(topic, partition, record, RejectReason.BadCommand, "", options));
            return;
        }

        // written anew, so that what DECIDE reads is a function of what was understood, whoever wrote it and however
        var key = Encoding.UTF8.GetBytes(command.Model);
        output.Add(new OutputRecord(OutputTopic.Panes, ModelPartition.Hash(key), key, command.Encode()));
    }
}
