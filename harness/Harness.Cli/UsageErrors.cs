using System.CommandLine;
using System.CommandLine.Parsing;
using Harness.Verdicts.Expressions;

namespace Harness.Cli;

/// <summary>
/// One line for a command line that cannot be understood, with the nearest word that can. The parser's own way is to print
/// every error and then all of the usage, in which the one word that matters is lost.
/// </summary>
internal static class UsageErrors
{
    /// <summary>The first error, or null.</summary>
    public static string? Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        bool atRoot = parsed.CommandResult.Parent is null;
        if (parsed.UnmatchedTokens is [string token, ..])
        {
            return token.StartsWith('-')
                ? $"unknown option '{Excerpt.Of(token)}'{NearestName.Hint(NameOf(token), OptionsOf(parsed))}"
                : atRoot
                    ? $"unknown verb '{Excerpt.Of(token)}'{NearestName.Hint(token, command.Subcommands.Select(c => c.Name))}"
                    : $"'{command.Name}' takes no argument '{Excerpt.Of(token)}'";
        }

        // A word before the verb that is no option of all verbs would be dropped without a word.
        if (!atRoot && Misplaced(parsed) is { } option)
        {
            return $"'{option}' belongs behind the verb '{command.Name}', if it takes it";
        }

        return parsed.Errors.Count > 0 ? parsed.Errors[0].Message.ReplaceLineEndings(" ") : null;
    }

    private static string NameOf(string token) => token.Split('=', 2)[0];

    private static string? Misplaced(ParseResult parsed) => parsed.RootCommandResult.Command.Options
        .Where(option => !option.Recursive && parsed.RootCommandResult.Children.OfType<OptionResult>().Any(r => r.Option == option && !r.Implicit))
        .Select(option => option.Name)
        .FirstOrDefault();

    private static IEnumerable<string> OptionsOf(ParseResult parsed) => parsed.CommandResult.Command.Options
        .Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive))
        .Select(option => option.Name);
}
