using Confluent.Kafka;
using Streaming.Kafka;

namespace Streaming.Tests;

public class OutputTransactionTests
{
    [Fact]
    public void A_transaction_counts_where_the_group_has_all_of_its_offsets() =>
        Assert.True(OutputTransaction.IsCommitted(Offsets(10, 20), Offsets(10, 20)));

    [Fact]
    public void It_does_not_where_they_are_those_of_before() =>
        Assert.False(OutputTransaction.IsCommitted(Offsets(10, 20), Offsets(5, Offset.Unset.Value)));

    [Fact]
    public void An_offset_beyond_is_another_members_work_and_says_nothing_of_ours() =>
        Assert.Throws<OwnershipLostException>(() => OutputTransaction.IsCommitted(Offsets(10, 20), Offsets(15, 12)));

    private static List<TopicPartitionOffset> Offsets(params long[] offsets) =>
        [.. offsets.Select(static (offset, partition) => new TopicPartitionOffset("t", partition, offset))];
}
