using System.Net;
using System.Runtime.InteropServices;

namespace Engine.Linux.Tests;

public sealed class EpollTests
{
    private const int TimeoutMs = 60_000;

    [Fact]
    public void An_event_has_the_kernels_layout()
    {
        Assert.Equal(12, Marshal.SizeOf<EpollEvent>());
        Assert.Equal(4, Marshal.OffsetOf<EpollEvent>(nameof(EpollEvent.Data)));
    }

    [Fact]
    public void Readiness_is_told_with_the_data_that_was_registered_until_it_is_unwatched()
    {
        using Epoll epoll = new();
        using FileDescriptor listener = Sockets.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1);
        epoll.Watch(listener, EpollEvents.In, 42);
        EpollEvent[] events = new EpollEvent[4];
        Assert.Equal(0, epoll.Wait(events, 0));

        using FileDescriptor client = Sockets.Connect(Sockets.LocalEndPoint(listener));
        Assert.Equal(1, epoll.Wait(events, TimeoutMs));
        Assert.Equal((42ul, EpollEvents.In), (events[0].Data, events[0].Events));

        epoll.Watch(client, EpollEvents.In, 7);
        epoll.Change(client, EpollEvents.Out, 8);
        epoll.Unwatch(listener);
        Assert.Equal(1, epoll.Wait(events, TimeoutMs));
        Assert.Equal((8ul, EpollEvents.Out), (events[0].Data, events[0].Events));
        epoll.Change(client, EpollEvents.In, 8);
        Assert.Equal(0, epoll.Wait(events, 0));
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => epoll.Watch(client, EpollEvents.In, 1)).Error);
    }

    [Fact]
    public void Another_thread_wakes_the_owner_and_many_wakes_are_one_event()
    {
        using Epoll epoll = new();
        Thread waker = new(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                epoll.Wake();
            }
        });
        waker.Start();
        EpollEvent[] events = new EpollEvent[4];
        Assert.Equal(1, epoll.Wait(events, TimeoutMs));
        Assert.Equal(Epoll.WakeData, events[0].Data);
        waker.Join();
        epoll.Wake();
        Assert.Equal(1, epoll.Wait(events, TimeoutMs));
        Assert.Equal(0, epoll.Wait(events, 0));
    }

    [Fact]
    public void A_peer_that_ends_is_told()
    {
        using Epoll epoll = new();
        using FileDescriptor listener = Sockets.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1);
        FileDescriptor client = Sockets.Connect(Sockets.LocalEndPoint(listener));
        Assert.True(Sockets.Poll(listener, read: true, write: false, TimeoutMs));
        using FileDescriptor server = Sockets.Accept(listener)!;
        epoll.Watch(server, EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered, 1);
        client.Dispose();
        EpollEvent[] events = new EpollEvent[1];
        Assert.Equal(1, epoll.Wait(events, TimeoutMs));
        Assert.True(events[0].Events.HasFlag(EpollEvents.ReadHangUp));
    }

    [Fact]
    public void The_clock_goes_forward()
    {
        long before = MonotonicClock.Nanos();
        Thread.Sleep(1);
        Assert.True(MonotonicClock.Nanos() - before >= 1_000_000);
    }
}
