using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Reports.Charts;
using Reports.Formatting;
using Reports.Model;
using Results;

namespace Reports.Html;

/// <summary>
/// A run as one page that needs nothing else: style and pictures are inside, no script, no request to anywhere, so that it can be
/// mailed, archived and opened offline for as long as there are browsers. Drawn by Razor components, which escape every text of the
/// document. Pure; any thread may call it.
/// </summary>
public static class HtmlReport
{
    /// <exception cref="ResultFormatException">A latency histogram of the document cannot be read.</exception>
    public static string Render(RunResult run)
    {
        return Page<ReportPage>(nameof(ReportPage.Report), RunReport.Of(run));
    }

    /// <summary>The end of several runs: one table of all that was expected of them, on a page as self-contained as a run's.</summary>
    public static string Render(RunsSummary summary) => Page<SummaryPage>(nameof(SummaryPage.Summary), summary);

    private static string Page<TPage>(string parameter, object model)
        where TPage : IComponent
    {
        using ServiceProvider services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).BuildServiceProvider();
        using HtmlRenderer renderer = new(services, NullLoggerFactory.Instance);
        ParameterView parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [parameter] = model });
        // No component awaits anything: the page is complete when the first render returns.
        return renderer.Dispatcher
            .InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(parameters)).ToHtmlString())
            .GetAwaiter().GetResult();
    }

    /// <summary>The whole style of a page.</summary>
    internal static MarkupString Style { get; } = new($"<style>\n{EmbeddedText.Read("report.css")}{SvgChart.StyleSheet}</style>");
}
