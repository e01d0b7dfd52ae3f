using Harness.Cli;

return await CommandLine.Run(args, Services.OfThisProcess());
