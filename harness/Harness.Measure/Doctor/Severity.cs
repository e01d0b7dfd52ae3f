namespace Harness.Measure.Doctor;

/// <summary>How much a finding spoils, the worst last.</summary>
public enum Severity
{
    /// <summary>Checked, and good.</summary>
    Fine,

    /// <summary>Good to know beside a result; spoils nothing.</summary>
    Info,

    /// <summary>Could not be looked at here.</summary>
    NotKnown,

    /// <summary>Shifts or widens figures.</summary>
    Warning,

    /// <summary>Figures measured here do not mean what they say.</summary>
    Critical,
}
