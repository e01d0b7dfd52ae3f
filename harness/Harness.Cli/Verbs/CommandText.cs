using System.CommandLine;

namespace Harness.Cli.Verbs;

/// <summary>The command that repeats a run, written so that a shell reads it back as it was.</summary>
internal static class CommandText
{
    private const string Entry = "./run-bench.sh";

    public static string Of(ParseResult parsed) => string.Join(' ', parsed.Tokens.Select(token => Quoted(token.Value)).Prepend(Entry));

    internal static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '=' or ':' or '+' or ',' or '@' or '%')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
