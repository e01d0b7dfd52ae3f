using Confluent.Kafka;
using Harness.Interop.Confluent;
using Harness.Interop.Contract;

namespace Harness.Interop;

/// <summary>
/// Confluent.Kafka behind the contract of the drivers: a line of JSON for each request on standard input, a line for each answer on
/// standard output. A process of its own, and not a class of the tests, so that a member of a group can be killed.
/// </summary>
internal static class Program
{
    private static int Main()
    {
#if !LIBRDKAFKA_PACKAGE
        SystemLibrdkafka.Load();
#endif
        while (Console.In.ReadLine() is { } line)
        {
            DriverRequest request = DriverJson.Read<DriverRequest>(line);
            if (request.Do == DriverRequest.Join)
            {
                GroupMember.Run(request);
                return 0;
            }

            Say(Answer(request));
        }

        return 0;
    }

    /// <summary>Each line whole and at once: somebody waits for it.</summary>
    public static void Say<T>(T message)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(DriverJson.Write(message));
            Console.Out.Flush();
        }
    }

    private static DriverAnswer Answer(DriverRequest request)
    {
        try
        {
            return request.Do switch
            {
                DriverRequest.Produce => RecordProducer.Produce(request),
                DriverRequest.Consume => RecordConsumer.Consume(request),
                DriverRequest.Committed => RecordConsumer.Committed(request),
                _ => new DriverAnswer { Error = $"there is no operation {request.Do}" },
            };
        }
        catch (Exception e) when (e is KafkaException or TimeoutException)
        {
            return new DriverAnswer { Error = e.Message };
        }
    }
}
