using Results;

namespace Harness.Load.Tests;

public class ScheduleKeeperTests
{
    private const long Micro = 1_000;
    private const long Milli = 1_000_000;

    private readonly CountedWindow _window = new();
    private readonly ScheduleKeeper _keeper;

    public ScheduleKeeperTests()
    {
        _keeper = new ScheduleKeeper(_window);
        _window.Plan(1_000 * Milli, 2_000 * Milli);
    }

    [Fact]
    public void Lateness_is_that_of_the_messages_due_in_the_window()
    {
        _keeper.Sent(999 * Milli, 1_100 * Milli);
        _keeper.Sent(2_000 * Milli, 2_100 * Milli);
        for (int i = 0; i < 98; i++)
        {
            _keeper.Sent(1_500 * Milli, (1_500 * Milli) + (3 * Micro));
        }

        _keeper.Sent(1_600 * Milli, (1_600 * Milli) + (100 * Micro));
        _keeper.Sent(1_600 * Milli, (1_600 * Milli) + (101 * Micro));
        ScheduleInfo info = ScheduleKeeper.Merge([_keeper]);
        Assert.Equal((100L, 100L, 1L, 0L), (info.OfferedMessages, info.SentMessages, info.LateMessages, info.HeldUpMessages));
        Assert.Equal((3.0, 100.0, 101.0), (info.LateP50Micros, info.LateP99Micros, info.LateMaxMicros));
        Assert.True(info.Held);
    }

    [Fact]
    public void A_schedule_missed_by_more_than_a_hundredth_is_not_held()
    {
        for (int i = 0; i < 100; i++)
        {
            _keeper.Sent(1_500 * Milli, (1_500 * Milli) + (i < 98 ? Micro : 200 * Micro));
        }

        ScheduleInfo info = ScheduleKeeper.Merge([_keeper]);
        Assert.Equal((2L, false), (info.LateMessages, info.Held));
    }

    [Fact]
    public void What_waits_for_the_brokers_room_and_what_comes_until_it_is_caught_up_is_held_up()
    {
        _keeper.Sent(1_100 * Milli, 1_100 * Milli);
        _keeper.NoRoom(1_101 * Milli);
        _keeper.NoRoom(1_150 * Milli);

        // Room after 49 ms; the messages due meanwhile follow one upon another.
        _keeper.Sent(1_101 * Milli, 1_150 * Milli);
        _keeper.Sent(1_149 * Milli, 1_155 * Milli);
        _keeper.CaughtUp(1_156 * Milli);
        _keeper.Sent(1_156 * Milli, 1_157 * Milli);
        ScheduleInfo info = ScheduleKeeper.Merge([_keeper]);
        Assert.Equal((4L, 4L, 1L, 2L), (info.OfferedMessages, info.SentMessages, info.LateMessages, info.HeldUpMessages));
        Assert.Equal(1_000, info.LateMaxMicros, 1.0);
    }

    [Fact]
    public void What_was_due_before_the_last_message_has_been_sent_and_all_of_it_when_nothing_is_due()
    {
        Assert.True(_keeper.SentBeforeNanos < 0);
        _keeper.Sent(1_100 * Milli, 1_200 * Milli);
        Assert.Equal(1_100 * Milli, _keeper.SentBeforeNanos);
        _keeper.CaughtUp(1_201 * Milli);
        Assert.Equal(1_201 * Milli, _keeper.SentBeforeNanos);
    }

    [Fact]
    public void One_stall_does_not_excuse_a_producer_that_never_catches_up()
    {
        _keeper.NoRoom(1_100 * Milli);
        _keeper.Sent(1_100 * Milli, 1_110 * Milli);
        _keeper.Sent(1_101 * Milli, 1_120 * Milli);
        _keeper.Sent(1_102 * Milli, 1_121 * Milli);
        ScheduleInfo info = ScheduleKeeper.Merge([_keeper]);
        Assert.Equal((1L, 2L, false), (info.LateMessages, info.HeldUpMessages, info.Held));
    }

    [Fact]
    public void Messages_that_were_never_sent_are_offered_all_the_same()
    {
        _keeper.NeverSent(1_500 * Milli, 1_900 * Milli);
        ScheduleKeeper blocked = new(_window);
        blocked.NoRoom(1_400 * Milli);
        blocked.NeverSent(1_500 * Milli, 1_900 * Milli);
        ScheduleInfo info = ScheduleKeeper.Merge([_keeper, blocked]);
        Assert.Equal((2L, 0L, 1L, 1L), (info.OfferedMessages, info.SentMessages, info.LateMessages, info.HeldUpMessages));
    }
}
