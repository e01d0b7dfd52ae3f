using System.Runtime.InteropServices;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// Runs the engine until a signal (or, asked so, the end of standard input) ends it. Prints one line on standard output
/// when it is ready: <c>ready listen=HOST:PORT [metrics=HOST:PORT] pid=N</c>.
/// </summary>
internal static class Foreground
{
    private static readonly string Version = typeof(Foreground).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    public static int Run(ServerOptions options)
    {
        ServerLog log = new(Console.Error);
        using ManualResetEventSlim end = new();
        string cause = "";

        void End(string why)
        {
            cause = why;
            end.Set();
        }

        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, End);
        using (ServerHost host = new(options, log))
        {
            host.Start();
            string metrics = host.MetricsEndPoint is { } page ? $" metrics={page}" : "";
            Console.WriteLine($"ready listen={host.EndPoint}{metrics} pid={Environment.ProcessId}");
            log.Info($"event=start listen={host.EndPoint} data={LogText.Quoted(options.DataDirectory)} loops={options.Config.NetworkThreads} techniques=batching:{(options.Config.Log.Batching == Batching.Record ? "record" : "batch")} version={Version}");
            if (options.ExitWithParent)
            {
                new Thread(() => WaitForInputEnd(End)) { Name = "parent-watch", IsBackground = true }.Start();
            }

            end.Wait();
            log.TellSuppressed();
            log.Info($"event=stop cause={LogText.Quoted(cause)}");
        }

        log.Info("event=stopped");
        return 0;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action<string> end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            end(signal.ToString());
        });

    private static void WaitForInputEnd(Action<string> end)
    {
        using Stream input = Console.OpenStandardInput();
        byte[] ignored = new byte[256];
        while (input.Read(ignored) > 0)
        {
        }

        end("standard input ended");
    }
}
