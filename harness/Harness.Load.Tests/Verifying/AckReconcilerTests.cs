namespace Harness.Load.Tests;

public class AckReconcilerTests
{
    private readonly ViolationLog _log = new(0, null);
    private readonly AckReconciler _reconciler;

    public AckReconcilerTests() => _reconciler = new AckReconciler(_log, 0);

    [Fact]
    public void What_was_acknowledged_awaits_its_delivery()
    {
        Acknowledge(0, 100, 10);
        Assert.False(_reconciler.NothingAwaitsDelivery);
        Deliver(0, 100, 9);
        Assert.False(_reconciler.NothingAwaitsDelivery);
        Deliver(9, 109, 1);
        Assert.True(_reconciler.NothingAwaitsDelivery);
        Assert.Equal(0, _log.Total);
    }

    [Fact]
    public void Either_side_may_be_ahead_in_pieces_of_other_sizes()
    {
        Random random = new(3);
        long acknowledged = 0;
        long delivered = 0;
        for (int i = 0; i < 10_000; i++)
        {
            int count = random.Next(1, 50);
            if (random.Next(2) == 0)
            {
                Acknowledge(acknowledged, Offset(acknowledged), count);
                acknowledged += count;
            }
            else
            {
                Deliver(delivered, Offset(delivered), count);
                delivered += count;
            }
        }

        Assert.Equal(0, _log.Total);
        Assert.Equal(acknowledged <= delivered, _reconciler.NothingAwaitsDelivery);

        static long Offset(long sequence) => sequence + 5;
    }

    [Fact]
    public void Runs_whose_offsets_do_not_continue_are_kept_apart_and_in_order()
    {
        for (int i = 0; i < 100; i++)
        {
            Acknowledge(10 * i, 1000 * i, 10);
        }

        for (int i = 0; i < 100; i++)
        {
            Assert.False(_reconciler.NothingAwaitsDelivery);
            Assert.Equal(1000 * i, _reconciler.AcknowledgedOffset(10 * i));
            Deliver(10 * i, 1000 * i, 10);
        }

        Assert.True(_reconciler.NothingAwaitsDelivery);
        Assert.Equal(0, _log.Total);
    }

    [Fact]
    public void Another_offset_than_acknowledged_is_told_once_whoever_comes_first()
    {
        Acknowledge(0, 0, 10);
        Deliver(0, 0, 10);
        Acknowledge(10, 10, 10);
        Deliver(10, 13, 10);
        Deliver(20, 23, 10);
        Acknowledge(20, 20, 10);
        Assert.Equal(1, _log.Count(ViolationKind.Reordered));
        Assert.Equal(13, Assert.Single(_log.Kept).Offset);
    }

    [Fact]
    public void What_was_passed_over_no_longer_awaits_and_its_offset_is_known()
    {
        Acknowledge(0, 0, 30);
        Deliver(0, 0, 10);
        Deliver(20, 20, 10);
        Assert.True(_reconciler.NothingAwaitsDelivery);
        Assert.Equal(15, _reconciler.AcknowledgedOffset(15));
        Assert.Null(_reconciler.AcknowledgedOffset(25));
    }

    private void Acknowledge(long sequence, long offset, long count) => _reconciler.Acknowledged(new AckRun(sequence, offset, count, Suspect: false));

    private void Deliver(long sequence, long offset, long count) => _reconciler.Delivered(new AckRun(sequence, offset, count, Suspect: false));
}
