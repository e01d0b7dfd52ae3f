using System.Buffers.Binary;
using Engine.Wire;

namespace Harness.Load.Tests;

/// <summary>A transport that takes what it is told to take and answers what it is told to answer.</summary>
internal sealed class ScriptedTransport : IProduceTransport
{
    private readonly List<byte> _taken = [];
    private readonly Queue<byte> _answers = new();

    public string Address => "broker:9092";

    /// <summary>Bytes that the next calls of Send take in all.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>The most that one Receive gives.</summary>
    public int Piece { get; set; } = int.MaxValue;

    public int Waits { get; private set; }

    /// <summary>Called when the producer waits: what happens meanwhile.</summary>
    public Action? OnWait { get; set; }

    /// <summary>Called before bytes are taken.</summary>
    public Action? OnSend { get; set; }

    /// <summary>The whole frames taken so far, their lengths not included.</summary>
    public List<byte[]> Frames
    {
        get
        {
            List<byte[]> frames = [];
            byte[] taken = [.. _taken];
            for (int at = 0; at + 4 <= taken.Length;)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(taken.AsSpan(at));
                if (at + 4 + length > taken.Length)
                {
                    break;
                }

                frames.Add(taken[(at + 4)..(at + 4 + length)]);
                at += 4 + length;
            }

            return frames;
        }
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        OnSend?.Invoke();
        int count = Math.Min(bytes.Length, Room);
        Room -= count;
        _taken.AddRange(bytes[..count]);
        return count;
    }

    public int Receive(Span<byte> into)
    {
        int count = Math.Min(Math.Min(into.Length, _answers.Count), Piece);
        for (int i = 0; i < count; i++)
        {
            into[i] = _answers.Dequeue();
        }

        return count;
    }

    public void Wait(bool forSending, long timeoutNanos)
    {
        Waits++;
        OnWait?.Invoke();
    }

    public void Dispose()
    {
    }

    public void Answer(int correlationId, long baseOffset, int partition = 0, ErrorCode error = ErrorCode.None)
    {
        WireBuffer frame = new();
        int start = Wire(frame, correlationId);
        frame.WriteArrayLength(1);
        frame.WriteString("test");
        frame.WriteArrayLength(1);
        frame.WriteInt32(partition);
        frame.WriteInt16((short)error);
        frame.WriteInt64(baseOffset);
        frame.WriteInt64(-1);
        frame.WriteInt64(0);
        frame.WriteArrayLength(0);
        frame.WriteNullableString(null);
        frame.WriteInt32(0);
        Engine.Wire.Frames.End(frame, start);
        AnswerRaw(frame.Written);
    }

    public void AnswerRaw(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            _answers.Enqueue(b);
        }
    }

    private static int Wire(WireBuffer frame, int correlationId) =>
        Engine.Wire.Frames.BeginResponse(frame, ApiKey.Produce, ProduceClient.Version, correlationId);
}
