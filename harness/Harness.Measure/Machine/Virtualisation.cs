using System.Text;

namespace Harness.Measure;

/// <summary>
/// Whether this is a virtual machine, and whose. The firmware's vendor and product are only compared with names known here
/// and never passed on: owners write their own into them.
/// </summary>
internal static class Virtualisation
{
    private const string Unnamed = "virtual machine (hypervisor not named)";

    private static readonly (string Mark, string Name)[] Known =
    [
        ("Amazon EC2", "Amazon EC2"),
        ("Google Compute Engine", "Google Compute Engine"),
        ("VMware", "VMware"),
        ("VirtualBox", "VirtualBox"),
        ("innotek", "VirtualBox"),
        ("Microsoft Corporation Virtual Machine", "Hyper-V"),
        ("Xen", "Xen"),
        ("Parallels", "Parallels"),
        ("Apple Virtualization", "Apple Virtualization"),
        ("OpenStack", "OpenStack (KVM)"),
        ("KVM", "KVM"),
        ("QEMU", "QEMU/KVM"),
        ("Bochs", "QEMU/KVM"),
    ];

    /// <summary>"none" on bare metal; null where nothing tells.</summary>
    internal static string? Read(PseudoFiles files)
    {
        if (files.ReadText("/proc/sys/kernel/osrelease")?.Contains("microsoft", StringComparison.OrdinalIgnoreCase) == true)
        {
            return "WSL (Hyper-V)";
        }

        string flags = $" {Encoding.UTF8.GetString(Fields.After(files.Read("/proc/cpuinfo"), "flags"u8))} ";
        bool flagged = flags.Contains(" hypervisor ", StringComparison.Ordinal);
        string? guest = files.ReadText("/sys/hypervisor/type");
        string? firmware = Firmware(files);

        // Without the flag a vendor's name says nothing: the same vendors build hardware (Amazon's bare-metal instances).
        if (firmware is not null && (flagged || flags.Length <= 2))
        {
            return firmware;
        }

        string? tree = files.ReadText("/proc/device-tree/hypervisor/compatible")?.Trim('\0');
        return guest is not null and not "" ? guest
            : tree is not null ? $"virtual machine ({tree})"
            : flagged ? Unnamed
            : flags.Length > 2 ? "none"
            : null;
    }

    private static string? Firmware(PseudoFiles files)
    {
        string text = $"{files.ReadText("/sys/class/dmi/id/sys_vendor")} {files.ReadText("/sys/class/dmi/id/product_name")}";
        foreach ((string mark, string name) in Known)
        {
            if (text.Contains(mark, StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }
}
