using System.Text.RegularExpressions;
using System.Threading;
using Microsoft.Playwright;

namespace Kmaplab.Browser.Tests;

/// <summary>
/// docs/report.png, the first thing that the README shows: the upper part of the page of the README's own race. With
/// KMAPLAB_UPDATE_GOLDEN=1 it is made anew, to be looked at.
/// </summary>
/// <remarks>
/// Pixels depend on the fonts that are installed, so what is compared is what the page says, which the picture has with
/// it as a text.
/// </remarks>
public sealed partial class ReadmePictureTests(Chromium chromium, ReportPages pages)
    : IClassFixture<Chromium>, IClassFixture<ReportPages>
{
    private const string Update = "KMAPLAB_UPDATE_GOLDEN";
    private const int Wide = 1280;
    private const int High = 905;

    [Fact]
    public async Task The_picture_of_the_README_shows_what_the_page_of_its_race_says()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string picture = Path.Combine(Root(), "docs", "report.png");
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await window.NewPageAsync();
        await page.GotoAsync(pages.MinimalOf("queue-after-unlock"));
        string said = await SaidAboveAsync(page);
        if (Environment.GetEnvironmentVariable(Update) == "1")
            await File.WriteAllBytesAsync(picture, PngText.Add(await page.ScreenshotAsync(), said), cancellation);

        string? shown = PngText.Of(await File.ReadAllBytesAsync(picture, cancellation));
        Assert.True(
            said == shown,
            $"{picture} is of another page: look at what {Update}=1 makes of it. The page says:\n{said}\n"
            + $"and the picture:\n{shown}");
    }

    // All that stands above the steps, with lines where the page has elements of their own.
    private static async Task<string> SaidAboveAsync(IPage page)
    {
        string text = await page.EvaluateAsync<string>(
            """
            () => {
                const end = document.querySelector('#work');
                const words = [];
                const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
                    if (end.contains(node)) break;
                    if (node.parentElement.checkVisibility() && node.parentElement.closest('script, style') === null)
                        words.push(node.textContent);
                }
                return words.join(' ');
            }
            """);
        return Spaces().Replace(text, " ").Trim();
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Stress.sln")))
            folder = folder.Parent;

        if (folder is null)
            Assert.Skip("This test does not run in a checkout, so there is no picture to compare.");

        return folder.FullName;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
