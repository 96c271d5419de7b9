using System.Runtime.InteropServices;

namespace Streaming.Kafka;

/// <summary>librdkafka's in-process broker, for the demo and for wiring tests only.</summary>
/// <remarks>
/// It keeps 5 MiB a partition and evicts older records unread, knows no isolation, and drops offsets committed in a transaction: nothing about delivery
/// or restarts can be concluded from it.
/// </remarks>
public sealed class EmbeddedBroker : IDisposable
{
    /// <summary>What it keeps of a partition, bytes; older records are evicted whether they were read or not.</summary>
    public const long PartitionBytes = 5L << 20;

    private const int ErrorTextBytes = 512;
    private const int ConfigOk = 0;

    // syslog's number; the broker announces itself on standard error otherwise
    private const string ErrorsOnly = "3";

    private readonly nint _client;
    private readonly nint _cluster;

    /// <summary>Starts it and creates the topics.</summary>
    /// <exception cref="InvalidOperationException">librdkafka refuses; the message is its own.</exception>
    public EmbeddedBroker(IReadOnlyDictionary<string, int> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var text = Marshal.AllocHGlobal(ErrorTextBytes);
        try
        {
            var config = Native.rd_kafka_conf_new();
            if (Native.rd_kafka_conf_set(config, "test.mock.num.brokers", "1", text, ErrorTextBytes) != ConfigOk
                || Native.rd_kafka_conf_set(config, "log_level", ErrorsOnly, text, ErrorTextBytes) != ConfigOk)
            {
                throw new InvalidOperationException(Marshal.PtrToStringUTF8(text));
            }

            // a producer is the cheapest client that can own the cluster
            _client = Native.rd_kafka_new(0, config, text, ErrorTextBytes);
            if (_client == 0)
            {
                throw new InvalidOperationException(Marshal.PtrToStringUTF8(text));
            }
        }
        finally
        {
            Marshal.FreeHGlobal(text);
        }

        _cluster = Native.rd_kafka_handle_mock_cluster(_client);
        BootstrapServers = Marshal.PtrToStringUTF8(Native.rd_kafka_mock_cluster_bootstraps(_cluster))!;
        foreach (var (topic, partitions) in topics)
        {
            var error = Native.rd_kafka_mock_topic_create(_cluster, topic, partitions, 1);
            if (error != 0)
            {
                throw new InvalidOperationException($"topic {topic} of the embedded broker: error {error}");
            }
        }
    }

    /// <summary>Where clients find it.</summary>
    public string BootstrapServers { get; }

    /// <inheritdoc/>
    public void Dispose() => Native.rd_kafka_destroy(_client);

#pragma warning disable SYSLIB1054, CA1060, CA5392 // generated marshalling would need unsafe code; the names are those of librdkafka
    private static class Native
    {
        // the package holds builds for several C libraries and for machines without SASL; the first that loads is taken, as Confluent.Kafka does
        private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

        static Native() => NativeLibrary.SetDllImportResolver(typeof(EmbeddedBroker).Assembly, Resolve);

        private static nint Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? paths)
        {
            foreach (var build in name == Builds[0] ? Builds : [])
            {
                if (NativeLibrary.TryLoad(build, assembly, paths, out var library))
                {
                    return library;
                }
            }

            return 0;
        }

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern nint rd_kafka_conf_new();

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern int rd_kafka_conf_set(
            nint config, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, nint error, nuint size);

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern nint rd_kafka_new(int type, nint config, nint error, nuint size);

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern nint rd_kafka_handle_mock_cluster(nint client);

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern nint rd_kafka_mock_cluster_bootstraps(nint cluster);

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern int rd_kafka_mock_topic_create(
            nint cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int partitions, int replicas);

        [DllImport("librdkafka", CallingConvention = CallingConvention.Cdecl)]
        public static extern void rd_kafka_destroy(nint client);
    }
#pragma warning restore SYSLIB1054, CA1060, CA5392
}
