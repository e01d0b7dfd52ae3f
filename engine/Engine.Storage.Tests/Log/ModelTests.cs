using System.Globalization;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>
/// Random operations on a log and on its model (append, read, look up by time, roll, retention by size and age, deletion of records, flush, clean
/// stop, crash, damage behind and before the recovery point): they have to agree after each. A failure prints the seed, which repeats the sequence.
/// </summary>
public sealed class ModelTests
{
    private const int Operations = 50;

    /// <summary>What is not the ordinary way.</summary>
    public static IEnumerable<TheoryDataRow<LogTechnique, CacheTechnique>> Opposites() =>
    [
        new(LogTechnique.Sequential, CacheTechnique.Direct),
        new(LogTechnique.Scattered, CacheTechnique.Page),
        new(LogTechnique.Scattered, CacheTechnique.Direct),
    ];

    [Fact]
    public void The_log_agrees_with_a_list_of_batches() => Run(firstSeed: 0, sequences: 200);

    [Fact]
    public void It_agrees_where_files_of_removed_segments_are_written_again() => Run(firstSeed: 0, sequences: 60, onDisk: true);

    [Fact]
    [Trait("Category", "Long")]
    public void It_agrees_over_many_sequences_where_files_of_removed_segments_are_written_again() =>
        Run(firstSeed: 500, sequences: 1500, onDisk: true);

    [Theory]
    [MemberData(nameof(Opposites))]
    public void However_it_is_stored_it_agrees(LogTechnique log, CacheTechnique cache) =>
        Run(firstSeed: 0, sequences: cache == CacheTechnique.Direct ? 3 : 40, new StorageTechniques(log, cache));

    [Theory]
    [MemberData(nameof(Opposites))]
    [Trait("Category", "Long")]
    public void However_it_is_stored_it_agrees_over_many_sequences(LogTechnique log, CacheTechnique cache) =>
        Run(firstSeed: 500, sequences: cache == CacheTechnique.Direct ? 150 : 2000, new StorageTechniques(log, cache));

    [Fact]
    [Trait("Category", "Long")]
    public void The_log_agrees_with_a_list_of_batches_over_ten_thousand_sequences() => Run(firstSeed: 1_000, sequences: 10_000);

    private static void Run(int firstSeed, int sequences, StorageTechniques? techniques = null, bool onDisk = false)
    {
        for (int seed = firstSeed; seed < firstSeed + sequences; seed++)
        {
            try
            {
                using Sequence sequence = new(seed, techniques ?? new StorageTechniques(), onDisk);
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

        TestContext.Current.SendDiagnosticMessage($"seeds {firstSeed} to {firstSeed + sequences - 1}");
    }

    private sealed class Sequence : IDisposable
    {
        private readonly StorageTechniques _techniques;
        private readonly Random _random;
        private readonly StorageFixture _storage;
        private readonly LogModel _model;
        private readonly List<(LogSlice Slice, byte[] Expected)> _inFlight = [];
        private long _nowMs = 1_000_000;

        internal Sequence(int seed, StorageTechniques techniques, bool onDisk)
        {
            _techniques = techniques;
            _random = new Random(seed);
            LogConfig config = new()
            {
                SegmentBytes = 2000,
                SegmentMs = _random.Next(2) == 0 ? long.MaxValue : _random.Next(1, 2000),
                IndexIntervalBytes = _random.Next(0, 800),
                RetentionBytes = _random.Next(2) == 0 ? -1 : _random.Next(0, 8000),
                RetentionMs = _random.Next(2) == 0 ? -1 : _random.Next(0, 3000),
                FlushMessages = onDisk || _random.Next(2) == 0 ? long.MaxValue : _random.Next(1, 30),
            };
            if (techniques.Log == LogTechnique.Scattered)
            {
                config = config with { RetentionBytes = -1 }; // Counts slots there, of which the model knows nothing.
            }

            _model = new LogModel(config);
            _storage = new StorageFixture(config, techniques: techniques, onDisk: onDisk);
        }

        internal void Step()
        {
            switch (_random.Next(28))
            {
                case < 11:
                    Append();
                    break;
                case < 15:
                    Read();
                    break;
                case < 18:
                    LookUp();
                    break;
                case 18:
                    ReleaseOne();
                    break;
                case 19:
                    _storage.Log.ApplyRetention(_nowMs);
                    _model.ApplyRetention(_nowMs);
                    break;
                case 20:
                    _storage.Log.Flush();
                    Assert.Equal(_model.End, _storage.Log.FlushedOffset);
                    break;
                case 21:
                    _storage.SaveRecoveryPoint();
                    break;
                case 22:
                    Reopen(clean: true);
                    break;
                case 23:
                    Reopen(clean: false);
                    break;
                case 24 when _techniques.Log == LogTechnique.Sequential:
                    DamageAndReopen();
                    break;
                case < 27:
                    DeleteRecords();
                    break;
                default:
                    if (_techniques == new StorageTechniques())
                    {
                        LoseFlushedRecords();
                    }
                    else
                    {
                        Reopen(clean: false);
                    }

                    break;
            }

            Assert.False(_storage.Log.IsOffline);
            Assert.Equal((_model.Start, _model.End), (_storage.Log.StartOffset, _storage.Log.EndOffset));
            Assert.InRange(_storage.Log.FlushedOffset, 0, _model.End);
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
            _nowMs += _random.Next(0, 300);
            byte[] batch = TestBatch.Make(
                _random.Next(1, 8), _random.Next(0, 100), timestampMs: _nowMs - _random.Next(0, 200), seed: _random.Next(256));
            Assert.Equal(_model.End, _storage.Log.Append(batch));
            _model.Append(batch);
            _model.RecycleUpTo(_storage.Log.StartOffset);
        }

        private void Read()
        {
            long offset = _random.NextInt64(Math.Max(0, _model.Start - 3), _model.End + 3);
            int maxBytes = _random.Next(0, 3000);
            bool minOneBatch = _random.Next(2) == 0;
            ReadResult result = _storage.Log.TryRead(offset, maxBytes, minOneBatch, out LogSlice slice);
            if (offset < _model.Start || offset > _model.End)
            {
                Assert.Equal(ReadResult.OffsetOutOfRange, result);
                return;
            }

            Assert.Equal(ReadResult.Ok, result);
            byte[] expected = _model.Read(offset, maxBytes, minOneBatch);
            Assert.Equal(expected.Length, slice.Length);
            _inFlight.Add((slice, expected));
        }

        private void DeleteRecords()
        {
            long offset = _random.NextInt64(Math.Max(0, _model.Start - 3), _model.End + 3);
            if (_random.Next(3) > 0)
            {
                offset = Math.Min(offset, _model.Start + 10);
            }

            Assert.Equal(offset > _model.End ? ReadResult.OffsetOutOfRange : ReadResult.Ok, _storage.Log.DeleteRecordsTo(offset));
            if (offset > _model.Start && offset <= _model.End)
            {
                _model.DeleteRecordsTo(offset);
            }

            _storage.Manager.SaveStartOffsets();
        }

        private void LookUp()
        {
            long timestampMs = _nowMs - _random.Next(-10, 3000);
            Assert.Equal(_model.Find(timestampMs), _storage.Log.OffsetForTimestamp(timestampMs));
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

        /// <summary>
        /// Slices outlive a restart where only names go. A scattered file is emptied when its last reader has gone, and of readers of an earlier engine a later
        /// one knows nothing: there are none, outside a test.
        /// </summary>
        private void Reopen(bool clean)
        {
            while (_techniques.Log == LogTechnique.Scattered && _inFlight.Count > 0)
            {
                ReleaseOne();
            }

            _storage.Reopen(clean);
        }

        /// <summary>A crash, with the last file cut anywhere behind the recovery point, or garbage behind it.</summary>
        private void DamageAndReopen()
        {
            using (FileStream file = Crash(out long flushedBytes))
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
                    file.SetLength(_random.NextInt64(flushedBytes, file.Length + 1));
                    _model.CutLastTo(file.Length);
                }
            }

            _storage.Start();
        }

        /// <summary>A crash, with the last file cut before the recovery point: the log is refused, untouched, until the bytes are there again.</summary>
        private void LoseFlushedRecords()
        {
            byte[] bytes;
            string path;
            using (FileStream file = Crash(out long flushedBytes))
            {
                path = file.Name;
                bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                file.SetLength(flushedBytes > 0 ? _random.NextInt64(flushedBytes) : file.Length);
            }

            long left = new FileInfo(path).Length;
            _storage.Start();
            Assert.Equal(left < bytes.Length, _storage.Log.IsOffline);
            if (_storage.Log.IsOffline)
            {
                _storage.Stop(clean: _random.Next(2) == 0);
                Assert.Equal(left, new FileInfo(path).Length);
                File.WriteAllBytes(path, bytes);
                _storage.Start();
            }
        }

        /// <summary>Stops without a word; the last file, and how many bytes of it lie before the recovery point that was written down.</summary>
        private FileStream Crash(out long flushedBytes)
        {
            while (_inFlight.Count > 0)
            {
                ReleaseOne();
            }

            _storage.Stop(clean: false);
            string checkpoint = Path.Combine(_storage.DataDirectory, LogMaintenance.RecoveryPointsFileName);
            string[] words = File.Exists(checkpoint) ? File.ReadAllText(checkpoint).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];
            long recoveryPoint = words.Length < 5 ? 0 : long.Parse(words[^1], CultureInfo.InvariantCulture);
            flushedBytes = LogModel.Size([.. _model.Last.Where(b => RecordBatch.LastOffset(b) < recoveryPoint)]);
            return new FileStream(_storage.LogFiles[^1], FileMode.Open, FileAccess.ReadWrite);
        }
    }
}
