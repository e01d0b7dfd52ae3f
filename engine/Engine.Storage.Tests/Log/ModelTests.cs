using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>
/// Random operations on a log and on the simplest thing that could be one, a list of segments of batches; they have to agree after
/// each. A failure prints the seed, which repeats the sequence.
/// </summary>
public sealed class ModelTests
{
    private const int Sequences = 200;
    private const int Operations = 40;
    private const int SegmentBytes = 2000;

    [Fact]
    public void The_log_agrees_with_a_list_of_batches()
    {
        for (int seed = 0; seed < Sequences; seed++)
        {
            try
            {
                using Sequence sequence = new(seed);
                for (int i = 0; i < Operations; i++)
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

    private sealed class Sequence : IDisposable
    {
        private readonly Random _random;
        private readonly StorageFixture _storage;
        private readonly long _retentionBytes;

        /// <summary>Batches as they are stored, by segment.</summary>
        private readonly List<List<byte[]>> _segments = [[]];
        private readonly List<(LogSlice Slice, byte[] Expected)> _inFlight = [];
        private long _start;
        private long _end;

        internal Sequence(int seed)
        {
            _random = new Random(seed);
            _retentionBytes = _random.Next(2) == 0 ? -1 : _random.Next(0, 8000);
            _storage = new StorageFixture(new LogConfig
            {
                SegmentBytes = SegmentBytes,
                IndexIntervalBytes = _random.Next(0, 800),
                RetentionBytes = _retentionBytes,
            });
        }

        internal void Step()
        {
            switch (_random.Next(20))
            {
                case < 11:
                    Append();
                    break;
                case < 16:
                    Read();
                    break;
                case 16:
                    ReleaseOne();
                    break;
                case 17:
                    _storage.Reopen(clean: true);
                    break;
                case 18:
                    _storage.Reopen(clean: false);
                    break;
                default:
                    DamageAndReopen();
                    break;
            }

            Assert.Equal((_start, _end), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        }

        public void Dispose()
        {
            while (_inFlight.Count > 0)
            {
                ReleaseOne();
            }

            _storage.Dispose();
        }

        private void Append()
        {
            byte[] batch = TestBatch.Make(_random.Next(1, 8), _random.Next(0, 100), seed: _random.Next(256));
            Assert.Equal(_end, _storage.Log.Append(batch));
            if (_segments[^1].Count > 0 && Size(_segments[^1]) + batch.Length > SegmentBytes)
            {
                _segments.Add([]);
                Retain();
            }

            _segments[^1].Add(batch);
            _end += RecordBatch.RecordCount(batch);
        }

        private void Retain()
        {
            while (_retentionBytes >= 0 && _segments.Count > 1 && _segments.Skip(1).Sum(Size) >= _retentionBytes)
            {
                _start += _segments[0].Sum(b => RecordBatch.RecordCount(b));
                _segments.RemoveAt(0);
            }
        }

        private void Read()
        {
            long offset = _random.NextInt64(Math.Max(0, _start - 3), _end + 3);
            int maxBytes = _random.Next(0, 3000);
            bool minOneBatch = _random.Next(2) == 0;
            ReadResult result = _storage.Log.TryRead(offset, maxBytes, minOneBatch, out LogSlice slice);
            if (offset < _start || offset > _end)
            {
                Assert.Equal(ReadResult.OffsetOutOfRange, result);
                return;
            }

            Assert.Equal(ReadResult.Ok, result);
            byte[] expected = Expected(offset, maxBytes, minOneBatch);
            Assert.Equal(expected.Length, slice.Length);
            _inFlight.Add((slice, expected));
        }

        private byte[] Expected(long offset, int maxBytes, bool minOneBatch)
        {
            foreach (List<byte[]> segment in _segments)
            {
                byte[][] rest = [.. segment.SkipWhile(b => RecordBatch.LastOffset(b) < offset)];
                if (rest.Length > 0)
                {
                    byte[] bytes = [.. rest.SelectMany(b => b)];
                    return bytes[..Math.Min(bytes.Length, Math.Max(maxBytes, minOneBatch ? rest[0].Length : 0))];
                }
            }

            return [];
        }

        /// <summary>Slices are read long after they were taken: rolls, retention and restarts lie between.</summary>
        private void ReleaseOne()
        {
            if (_inFlight.Count > 0)
            {
                int i = _random.Next(_inFlight.Count);
                (LogSlice slice, byte[] expected) = _inFlight[i];
                _inFlight.RemoveAt(i);
                Assert.Equal(expected, TestBatch.Read(slice));
            }
        }

        /// <summary>A stop without a marker, with the last file cut anywhere, or garbage behind it.</summary>
        private void DamageAndReopen()
        {
            while (_inFlight.Count > 0)
            {
                ReleaseOne();
            }

            _storage.Stop(clean: false);
            using (FileStream file = new(_storage.LogFiles[^1], FileMode.Open))
            {
                if (_random.Next(2) == 0)
                {
                    byte[] garbage = new byte[_random.Next(1, 300)];
                    if (_random.Next(2) == 0)
                    {
                        _random.NextBytes(garbage);
                    }

                    file.Seek(0, SeekOrigin.End);
                    file.Write(garbage);
                }
                else
                {
                    file.SetLength(_random.NextInt64(file.Length + 1));
                    while (Size(_segments[^1]) > file.Length)
                    {
                        _end -= RecordBatch.RecordCount(_segments[^1][^1]);
                        _segments[^1].RemoveAt(_segments[^1].Count - 1);
                    }
                }
            }

            _storage.Start();
        }

        private static long Size(List<byte[]> segment) => segment.Sum(b => (long)b.Length);
    }
}
