using System.Collections.Concurrent;

namespace Results.Samples;

internal static class SampleTrial
{
    private const int ValueBytes = 30;
    private const int WireBytes = 38;
    private const int MessagesPerBatch = 13_797;
    private const int WarmupSeconds = 5;
    private const double BarePipelineBytesPerSecond = 1.49e9;

    public static Trial Build(int index, string target, double rate, int windowSeconds = 30, LatencyInfo? latency = null)
    {
        List<SecondSample> series = Series(rate, windowSeconds);
        FlowTotals consumed = Total(series, s => s.ConsumedMessages);
        long acknowledged = series.Sum(s => s.AcknowledgedMessages);
        return new Trial
        {
            Index = index,
            Block = index / 2,
            Target = target,
            StartedUtc = new DateTimeOffset(2026, 11, 22, 15, 30, 12, TimeSpan.Zero).AddSeconds(40 * index),
            Status = TrialStatus.Completed,
            WarmupSeconds = WarmupSeconds,
            WindowSeconds = windowSeconds,
            Sent = Total(series, s => s.SentMessages),
            Acknowledged = Total(series, s => s.AcknowledgedMessages),
            Consumed = consumed,
            Series = series,
            Latency = latency ?? new LatencyInfo
            {
                ClosedLoop = true,
                StampResolutionMicros = 3.2,
                Publish = Latency(850, rate * windowSeconds),
                EndToEnd = Latency(1350, rate * windowSeconds),
            },
            Verification = new Verification
            {
                Depth = "every byte of every value compared; count, order and batch checksum checked",
                Sent = acknowledged,
                Acknowledged = acknowledged,
                Delivered = acknowledged,
                Lost = 0,
                Duplicated = 0,
                Reordered = 0,
                Damaged = 0,
                Unacknowledged = 0,
                Complete = true,
                Violations = [],
            },
            Broker = Usage(windowSeconds, 0.61, 45_000_000),
            Generator = Usage(windowSeconds, 1.31, 96_000_000),
            GeneratorLimits = new GeneratorLimits { InFlightFullShare = 0.97, NullSinkShare = rate / 42.9e6, NullSourceShare = rate / 67.2e6, GeneratorLimited = false },
            Storage = new StorageInfo
            {
                Regime = StorageRegime.RingInMemory,
                AcceptedBytes = consumed.WireBytes,
                DeviceWriteBytes = 310_000_000,
                CancelledWriteBytes = 22_400_000_000,
                DeviceReadBytes = 0,
                DirtyPeakBytes = 912_000_000,
                DirtyLimitBytes = 1_402_470_400,
                Sentence = "Ring in memory: segments were recycled before they were written back; 1.3 % of 23.8 GB accepted reached the device.",
            },
            StealShare = 0.004,
            BarePipelineBytesPerSecond = BarePipelineBytesPerSecond,
            BarePipelineShare = consumed.WireBytes / (double)windowSeconds / BarePipelineBytesPerSecond,
            BareBrokerCpuSecondsPerGigabyte = 0.52,
            BrokerCpuOfBare = 1.31,
            Trend = -0.012,
            Steady = true,
            LimitedBy = "CPU of the machine",
        };
    }

    private static List<SecondSample> Series(double rate, int windowSeconds)
    {
        List<SecondSample> series = [];
        int total = WarmupSeconds + windowSeconds + 1;
        for (int second = 1; second <= total; second++)
        {
            TrialPhase phase = second <= WarmupSeconds ? TrialPhase.Warmup : second == total ? TrialPhase.Drain : TrialPhase.Counted;
            double ripple = 1 + (0.03 * Math.Sin(second * 1.7)) + (0.015 * Math.Sin(second * 0.43));
            double ramp = second == 1 ? 0.55 : second == 2 ? 0.85 : 1;
            double stall = second == WarmupSeconds + 15 ? 0.72 : 1;
            long sent = phase == TrialPhase.Drain ? 0 : (long)(rate * ripple * ramp * stall);
            long consumed = phase == TrialPhase.Drain ? (long)(rate * 0.03) : sent - (long)(rate * 0.002 * Math.Sin(second));
            series.Add(new SecondSample
            {
                AtSecond = second,
                LengthSeconds = 1,
                Phase = phase,
                SentMessages = sent,
                AcknowledgedMessages = phase == TrialPhase.Drain ? (long)(rate * 0.01) : sent - (long)(rate * 0.001 * Math.Cos(second)),
                ConsumedMessages = consumed,
                ConsumedValueBytes = consumed * ValueBytes,
                BrokerCpuSeconds = phase == TrialPhase.Drain ? 0.05 : 0.61 * ripple * ramp * stall,
                GeneratorCpuSeconds = phase == TrialPhase.Drain ? 0.07 : 1.31 * ramp * ((0.5 * stall) + 0.5),
                DirtyBytes = (long)(9e8 * Math.Min(1, second / 8.0)),
                PublishP99Micros = phase == TrialPhase.Counted ? (long)(4_600 * ripple / stall) : null,
                EndToEndP99Micros = phase == TrialPhase.Counted ? (long)(11_300 * ripple / stall) : null,
                BacklogMessages = phase == TrialPhase.Drain ? 0 : (long)(rate * 0.004 * ripple),
            });
        }

        return series;
    }

    private static FlowTotals Total(List<SecondSample> series, Func<SecondSample, long> messages)
    {
        long sum = series.Where(s => s.Phase == TrialPhase.Counted).Sum(messages);
        return new FlowTotals(sum, sum * ValueBytes, sum * WireBytes, sum / MessagesPerBatch);
    }

    /// <summary>Kept, because tests by the dozen ask for the same few.</summary>
    private static readonly ConcurrentDictionary<(double, double), LatencyHistogram> Known = new();

    private static LatencyHistogram Latency(double medianMicros, double messages) =>
        Known.GetOrAdd((medianMicros, messages), _ => MakeLatency(medianMicros, messages));

    private static LatencyHistogram MakeLatency(double medianMicros, double messages)
    {
        Dictionary<long, long> values = [];
        const int steps = 4000;
        // Quantiles of a distribution with a log-normal body and a tail of stalls, evenly spaced on the scale of nines.
        double nines = Math.Log10(messages);
        double above = 1;
        for (int i = 1; i <= steps; i++)
        {
            double next = i == steps ? 0 : Math.Pow(10, -nines * i / steps);
            double t = nines * i / steps;
            long value = (long)(medianMicros * (0.25 + (0.75 * Math.Pow(t / 0.301, 0.62))) * (1 + (6 / (1 + Math.Exp(-4 * (t - 4))))));
            values[value] = values.GetValueOrDefault(value) + Math.Max(1, (long)Math.Round((above - next) * messages));
            above = next;
        }

        string encoded = HdrV2Encoder.Encode(values.Select(v => (v.Key, v.Value)));
        Histograms.HistogramReading reading = Histograms.HdrHistogramDecoder.DecodeBase64(encoded);
        return new LatencyHistogram
        {
            Count = reading.TotalCount,
            MeanMicros = values.Sum(v => (double)v.Key * v.Value) / reading.TotalCount,
            MinMicros = values.Keys.Min(),
            P50Micros = reading.ValueAtPercentile(50),
            P90Micros = reading.ValueAtPercentile(90),
            P99Micros = reading.ValueAtPercentile(99),
            P999Micros = reading.ValueAtPercentile(99.9),
            P9999Micros = reading.ValueAtPercentile(99.99),
            MaxMicros = values.Keys.Max(),
            HdrV2Base64 = encoded,
        };
    }

    private static ProcessUsage Usage(int seconds, double share, long peakBytes) => new()
    {
        UserSeconds = seconds * share * 0.4,
        SystemSeconds = seconds * share * 0.6,
        CpuShare = share,
        AnonymousPeakBytes = peakBytes,
        ResidentPeakBytes = peakBytes * 2,
        VoluntarySwitches = 184_000,
        InvoluntarySwitches = 9_100,
        MinorFaults = 12_000,
        MajorFaults = 0,
        DeviceReadBytes = 0,
        DeviceWriteBytes = 22_710_000_000,
        CancelledWriteBytes = 22_400_000_000,
        AllocatedBytes = 0,
        GcCount = 0,
        GcPauseSeconds = 0,
        GcLongestPauseSeconds = 0,
    };
}
