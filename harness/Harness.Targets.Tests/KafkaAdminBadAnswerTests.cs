using Engine.Wire;

namespace Harness.Targets.Tests;

/// <summary>A broker that is no broker, or a sick one: one line that says so, and a fresh connection for the next call.</summary>
public sealed class KafkaAdminBadAnswerTests
{
    private static readonly KafkaAdminOptions Impatient = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        RequestTimeout = TimeSpan.FromSeconds(5),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> BadAnswers => new()
    {
        { "closed", "closes the connection in answer to DeleteTopics" },
        { "half a frame, then closed", "closes the connection in answer to DeleteTopics" },
        { "half a frame, then silence", "does not answer DeleteTopics within 5 s" },
        { "half a length, then closed", "closes the connection in answer to DeleteTopics" },
        { "silence", "does not answer DeleteTopics within 5 s" },
        { "negative length", "is not a Kafka broker: answers DeleteTopics with a frame of -1 bytes" },
        { "HTTP", "is not a Kafka broker: answers DeleteTopics with a frame of 1213486160 bytes" },
        { "body cut", "answers DeleteTopics version 6 unreadably: " },
        { "body too long", "answers DeleteTopics version 6 unreadably: 1 bytes too many" },
        { "another request's answer", "unreadably: correlation id" },
        { "huge array count", "unreadably: array of 2147483646 elements" },
    };

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task A_bad_answer_is_one_line_and_the_next_call_has_a_new_connection(string kind, string message)
    {
        int calls = 0;
        using FakeBroker broker = FakeBroker.Offering(request => calls++ == 0 ? Bad(kind, request) : new Reaction(Good(request)));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(
            broker.Address, kind.Contains("silence", StringComparison.Ordinal) ? Impatient : null, Cancel);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => admin.DeleteTopicAsync("t", Cancel));
        await admin.DeleteTopicAsync("t", Cancel);

        Assert.StartsWith($"broker {broker.Address} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(2, broker.Connections);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 5, 0, 0, 0, 1, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 4, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 8, 1, 2, 3, 4, 0, 0, 9, 9 })]
    public async Task Garbage_in_answer_to_the_first_request_is_an_error_of_the_target(byte[] garbage)
    {
        using FakeBroker broker = new(_ => new Reaction(garbage, Close: true));

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel));

        Assert.Contains("ApiVersions", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_answer_to_the_first_request_keeps_its_code()
    {
        using FakeBroker broker = new(request => new Reaction(
            request.Answer(new ApiVersionsResponse { Error = ErrorCode.InvalidRequest })));

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel));

        Assert.Equal(ErrorCode.InvalidRequest, e.Error);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_is_a_cancellation_and_its_late_answer_is_never_taken_for_anothers()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int calls = 0;
        using FakeBroker broker = FakeBroker.Offering(request =>
        {
            if (calls++ > 0)
            {
                return new Reaction(Good(request));
            }

            stop.Cancel();
            return new Reaction([]);
        });
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => admin.DeleteTopicAsync("t", stop.Token));
        await admin.DeleteTopicAsync("t", Cancel);

        Assert.Equal(2, broker.Connections);
    }

    private static byte[] Good(ReceivedRequest request) =>
        request.Answer(new DeleteTopicsResponse { Topics = [new DeletableTopicResult { Name = "t" }] });

    private static Reaction Bad(string kind, ReceivedRequest request)
    {
        byte[] good = Good(request);
        switch (kind)
        {
            case "closed": return new Reaction([], Close: true);
            case "half a frame, then closed": return new Reaction(good[..(good.Length / 2)], Close: true);
            case "half a frame, then silence": return new Reaction(good[..(good.Length / 2)]);
            case "half a length, then closed": return new Reaction(good[..2], Close: true);
            case "silence": return new Reaction([]);
            case "negative length": return new Reaction([255, 255, 255, 255]);
            case "HTTP": return new Reaction("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Close: true);
            case "body cut": return new Reaction(Relength(good[..^1]));
            case "body too long": return new Reaction(Relength([.. good, 0]));
            case "another request's answer":
                return new Reaction(request.Answer(new DeleteTopicsResponse(), correlationOffset: 1));
            case "huge array count":
                // In place of the empty array in front of the last tagged fields: a count, plus one, in seven bits a byte.
                return new Reaction(Relength([.. request.Answer(new DeleteTopicsResponse())[..^2], 255, 255, 255, 255, 7, 0]));
            default: throw new ArgumentException(kind, nameof(kind));
        }
    }

    private static byte[] Relength(byte[] frame)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        return frame;
    }
}
