namespace Harness.Load;

/// <summary>Which session a scenario's clients need.</summary>
public static class LoadSessions
{
    /// <exception cref="ArgumentException">The scenario asks for what the generator cannot do; one line says what.</exception>
    /// <exception cref="Engine.Wire.MissingCodecException">Its compression needs a library that is not installed.</exception>
    public static ILoadSession Create(LoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Scenario.Producers.Client == ReplayPlan.ProducerClient ? new ReplaySession(options) : new LoadSession(options);
    }
}
