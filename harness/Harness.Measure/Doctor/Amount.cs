using System.Globalization;

namespace Harness.Measure.Doctor;

/// <summary>Sizes for a reader.</summary>
internal static class Amount
{
    internal static string Bytes(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0} MiB");
}
