#if !LIBRDKAFKA_PACKAGE
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Harness.Interop;

/// <summary>
/// Gives Confluent.Kafka the system's librdkafka in place of the one that its package would have brought. Its imports name the
/// libraries without a version, and Debian installs such names with the development packages only. Debian's library may also be older than
/// what this Confluent.Kafka was made for: before 2.1 it knew no leader epochs, and then there are none to tell.
/// </summary>
internal static class SystemLibrdkafka
{
    private const string LibraryName = "librdkafka.so.1";

    private static readonly Dictionary<string, string> Names = new() { ["librdkafka"] = LibraryName, ["libdl"] = "libdl.so.2" };

    /// <summary>Before the first use of Confluent.Kafka.</summary>
    public static void Load()
    {
        NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) =>
            Names.TryGetValue(name, out string? installed) ? NativeLibrary.Load(installed) : 0);
        Library.Load(LibraryName);
        if (!NativeLibrary.TryGetExport(NativeLibrary.Load(LibraryName), "rd_kafka_message_leader_epoch", out _))
        {
            LeaveOut("_message_leader_epoch", nameof(NoLeaderEpoch));
            LeaveOut("_topic_partition_get_leader_epoch", nameof(NoLeaderEpoch));
            LeaveOut("_topic_partition_set_leader_epoch", nameof(ForgetLeaderEpoch));
        }
    }

    /// <summary>Confluent.Kafka calls the library through delegates that it keeps in fields; there is no other way to give it one.</summary>
    private static void LeaveOut(string field, string substitute)
    {
        Type functions = typeof(Library).Assembly.GetType("Confluent.Kafka.Impl.Librdkafka", throwOnError: true)!;
        FieldInfo pointer = functions.GetField(field, BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw new MissingFieldException(functions.FullName, field);
        MethodInfo method = typeof(SystemLibrdkafka).GetMethod(substitute, BindingFlags.Static | BindingFlags.NonPublic)!;
        pointer.SetValue(null, method.CreateDelegate(pointer.FieldType));
    }

    private static int NoLeaderEpoch(nint message) => -1;

    private static void ForgetLeaderEpoch(nint partition, int epoch)
    {
        // As without the function: the library commits an offset without its epoch.
    }
}
#endif
