namespace Engine.Storage.Tests;

/// <summary>
/// Random producers on a log and on the simplest thing that could remember them; they have to agree after each step, whatever stops lie between. A
/// failure prints the seed, which repeats the sequence.
/// </summary>
public sealed class ProducerModelTests
{
    private const int Sequences = 150;
    private const int Steps = 80;

    [Fact]
    public void The_log_agrees_with_a_list_of_everything_that_was_ever_sent()
    {
        for (int seed = 0; seed < Sequences; seed++)
        {
            try
            {
                using Sequence sequence = new(seed);
                for (int i = 0; i < Steps; i++)
                {
                    sequence.Step();
                }
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    private sealed record Sent(short Epoch, int Sequence, int Records, long Offset);

    private sealed class Sequence : IDisposable
    {
        private const int Producers = 4;

        private readonly Random _random;
        private readonly StorageFixture _storage;

        /// <summary>By producer, everything that was stored.</summary>
        private readonly List<Sent>[] _stored = [.. Enumerable.Range(0, Producers).Select(_ => new List<Sent>())];
        private long _end;

        internal Sequence(int seed)
        {
            _random = new Random(seed);
            _storage = new StorageFixture(new LogConfig
            {
                SegmentBytes = _random.Next(1000, 6000),
                RetentionBytes = _random.Next(2) == 0 ? -1 : _random.Next(0, 5000),
            });
        }

        public void Dispose() => _storage.Dispose();

        internal void Step()
        {
            switch (_random.Next(12))
            {
                case 0:
                    _storage.Reopen(clean: true);
                    break;
                case 1:
                    _storage.Reopen(clean: false);
                    break;
                case 2:
                    _storage.Append(1);
                    _end += 3;
                    break;
                default:
                    Produce(_random.Next(Producers));
                    break;
            }

            Assert.Equal(_end, _storage.Log.EndOffset);
        }

        private void Produce(int producer)
        {
            List<Sent> stored = _stored[producer];
            Sent? last = stored.LastOrDefault();
            Sent sent = last is null ? Any() : _random.Next(10) switch
            {
                // The next, one of the last few again, one of them cut differently, a gap, another epoch.
                < 5 => new Sent(last.Epoch, Next(last), _random.Next(1, 4), 0),
                < 7 => stored[_random.Next(Math.Max(0, stored.Count - 7), stored.Count)],
                7 => stored[_random.Next(Math.Max(0, stored.Count - 7), stored.Count)] with { Records = _random.Next(1, 4) },
                8 => new Sent(last.Epoch, unchecked(Next(last) + _random.Next(1, 4)) & int.MaxValue, 1, 0),
                _ => new Sent((short)(last.Epoch + _random.Next(-1, 2)), _random.Next(3) == 0 ? 1 : 0, 1, 0),
            };
            (AppendOutcome, long) expected = Expected(stored, sent);
            AppendResult result = _storage.Produce(producer, sent.Epoch, sent.Sequence, sent.Records);
            Assert.Equal(expected, (result.Outcome, result.BaseOffset));
            if (result.Outcome == AppendOutcome.Appended)
            {
                stored.Add(sent with { Offset = result.BaseOffset });
                _end += sent.Records;
            }
        }

        private (AppendOutcome, long) Expected(List<Sent> stored, Sent sent)
        {
            if (stored.Count == 0)
            {
                return (AppendOutcome.Appended, _end);
            }

            Sent last = stored[^1];
            Sent? duplicate = stored.Where(s => s.Epoch == last.Epoch).TakeLast(5)
                .FirstOrDefault(s => s.Epoch == sent.Epoch && s.Sequence == sent.Sequence && s.Records == sent.Records);
            if (duplicate is not null)
            {
                return (AppendOutcome.Duplicate, duplicate.Offset);
            }

            if (sent.Epoch < last.Epoch)
            {
                return (AppendOutcome.InvalidProducerEpoch, -1);
            }

            int next = sent.Epoch == last.Epoch ? Next(last) : 0;
            return sent.Sequence == next ? (AppendOutcome.Appended, _end) : (AppendOutcome.OutOfOrderSequence, -1);
        }

        private Sent Any() => new(
            (short)_random.Next(0, 3), _random.Next(3) == 0 ? int.MaxValue - _random.Next(0, 4) : _random.Next(0, 3), _random.Next(1, 4), 0);

        private static int Next(Sent sent) => (int)(((long)sent.Sequence + sent.Records) % (1L + int.MaxValue));
    }
}
